import Foundation
import Hummingbird
import InvokeModel

/// The viewer's jobs, and each of them.
enum JobPages {
    static func add(to pages: Pages<some RequestContext>) {
        pages.get("/ui/jobs") { visit in try await list(visit) }
        pages.get("/ui/jobs/{id}") { visit in try await JobPage(visit).response() }
    }

    /// The spans of time that can be chosen, with their seconds.
    private static let spans = [
        ("1h", "Last hour", 3600), ("24h", "Last 24 hours", 86400), ("7d", "Last 7 days", 7 * 86400),
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let page = try await visit.get("/jobs\(asked(visit).text)")
        let jobs = page["jobs"]?.array ?? []
        let offered = try await visit.find("/operations?limit=200")?["operations"]?.array ?? []
        let names = try await OperationNames(offered, and: jobs, visit)
        let filtered = ["status", "within", "since", "service", "operation"].contains { visit.query($0) != nil }
        let states = JobState.allCases.map { ($0.rawValue, $0.rawValue.capitalized) }
        var content: [String: Any] = [
            "states": chips(visit, "status", [("", "All")] + states),
            "spans": chips(visit, "within", [("", "Any time")] + spans.map { ($0.0, $0.1) }),
            "services": services(visit, offered),
            "operations": operations(visit, offered, names),
            "jobs": jobs.map { JobRow(job: $0, names).content },
            "isEmpty": jobs.isEmpty,
            "isFiltered": filtered,
            "isFirst": visit.query("cursor") == nil,
        ]
        content["status"] = visit.query("status")
        content["within"] = visit.query("within")
        return visit.page(
            "jobs",
            .jobs,
            title: "Jobs",
            content,
            below: page,
            styles: ["jobs.css"],
            scripts: ["jobs.js"]
        )
    }

    /// The page's own query in the API's words.
    private static func asked(_ visit: Visit) -> Query {
        var items = ["status", "service", "operation", "since", "cursor"].map { ($0, visit.query($0) ?? "") }
        if let span = spans.first(where: { $0.0 == visit.query("within") }) {
            items.append(("since", Date.now.addingTimeInterval(-Double(span.2)).formatted(.iso8601)))
        }
        return Query(items)
    }

    /// Links that choose one value of a parameter, on the first page.
    private static func chips(
        _ visit: Visit,
        _ name: String,
        _ choices: [(value: String, label: String)]
    ) -> [[String: Any]] {
        choices.map { choice in
            let query = visit.query.with("cursor", nil).with(name, choice.value.isEmpty ? nil : choice.value)
            return [
                "href": visit.path + query.text, "label": choice.label,
                "current": (visit.query(name) ?? "") == choice.value,
            ]
        }
    }

    private static func services(_ visit: Visit, _ offered: [JSON]) -> [[String: Any]] {
        let chosen = visit.query("service")
        let names = Set(offered.compactMap { $0["service"]?.string } + [chosen].compactMap(\.self))
        return names.sorted().map { ["value": $0, "label": $0, "chosen": $0 == chosen] }
    }

    private static func operations(_ visit: Visit, _ offered: [JSON], _ names: OperationNames) -> [[String: Any]] {
        let chosen = visit.query("operation")
        var options = offered.compactMap { operation in
            operation["id"]?.string.map { id in
                (id, "\(operation["service"]?.string ?? "") / \(operation["name"]?.string ?? "")")
            }
        }
        if let chosen, !options.contains(where: { $0.0 == chosen }) { options.append((chosen, names.name(of: chosen))) }
        return options.map { ["value": $0.0, "label": $0.1, "chosen": $0.0 == chosen] }
    }
}
