import Foundation
import Hummingbird
import InvokeModel

/// The viewer's jobs, and each of them.
enum JobPages {
    static func add(to pages: Pages) {
        pages.get("/ui/jobs") { visit in try await list(visit) }
        pages.get("/ui/jobs/{id}") { visit in try await JobPage(visit).response() }
    }

    /// The spans of time that can be chosen, with their seconds.
    private static let spans = [
        ("1h", "Last hour", 3600), ("24h", "Last 24 hours", 86400), ("7d", "Last 7 days", 7 * 86400),
    ]

    private static func list(_ visit: Visit) async throws -> Response {
        let operation = try await ChosenOperation(visit)
        let list = try await visit.list("/jobs\(asked(visit, operation).text)", "jobs")
        return visit.page(
            "jobs",
            .jobs,
            title: "Jobs",
            of: list,
            as: JobRow.self,
            from: operation?.name ?? "",
            styles: ["jobs.css"],
            scripts: ["jobs.js", "suggest.js"]
        ) {
            let states = JobState.allCases.map { ($0.rawValue, $0.rawValue.capitalized) }
            var content: [String: Any] = [
                "states": chips(visit, "status", [("", "All")] + states),
                "spans": chips(visit, "within", [("", "Any time")] + spans.map { ($0.0, $0.1) }),
                "isFiltered": ["status", "within", "since", "service", "operation"].contains { visit.query($0) != nil },
                "isFirst": visit.query("cursor") == nil,
            ]
            for name in ["status", "within", "service"] { content[name] = visit.query(name) }
            content["operation"] = operation?.name
            return content
        }
    }

    /// The page's own query in the API's words.
    private static func asked(_ visit: Visit, _ operation: ChosenOperation?) -> Query {
        var items = ["status", "service", "since", "cursor"].map { ($0, visit.query($0) ?? "") }
        items.append(("operation", operation?.id ?? ""))
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
}

/// The operation whose jobs alone are shown; the address names it by its service and its name, or by its id or DID.
private struct ChosenOperation {
    /// `service/name`; what the address says when it is not offered.
    let name: String
    /// Its id or DID; what the address says when it is not offered.
    let id: String

    /// Nil when the address names none.
    init?(_ visit: Visit) async throws {
        guard let text = visit.query("operation") else { return nil }
        let found = text.assetID == nil ? try await Self.named(text, visit) : try await Self.withID(text, visit)
        id = found?["id"]?.string ?? text
        name = found.map { "\($0["service"]?.string ?? "")/\($0["name"]?.string ?? "")" } ?? text
    }

    private static func withID(_ id: String, _ visit: Visit) async throws -> JSON? {
        try await visit.find("/operations/\(Paths.escape(id))")
    }

    private static func named(_ text: String, _ visit: Visit) async throws -> JSON? {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        let asked = Query([("service", parts[0]), ("q", parts[1]), ("limit", "200")])
        return try await visit.find("/operations\(asked.text)")?["operations"]?.array?.first {
            $0["name"]?.string == parts[1]
        }
    }
}
