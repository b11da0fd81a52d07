import Foundation
import InvokeModel

/// One job in a list.
struct JobRow: Row {
    static let template = "jobrow"
    let content: [String: Any]

    init(_ job: JSON, for viewer: Account?) {
        let id = job["jobid"]?.string ?? ""
        let state = job["status"]?.string ?? ""
        let service = job["service"]?.string ?? ""
        var content: [String: Any] = [
            "id": id,
            "href": "/ui/jobs/\(Paths.escape(id))",
            "state": state,
            "name": job["operation_name"]?.string ?? "",
            "service": service,
            "serviceHref": "/ui/jobs?service=\(Paths.escape(service))",
            "attempts": job["attempts"]?.int ?? 0,
        ]
        content["created"] = job["created"]?.string
        content["started"] = job["started"]?.string
        content["percent"] = state == "running" ? job["progress"]?["percent"]?.int : nil
        content["took"] = Span(from: job["started"], to: job["ended"])?.text
        self.content = content
    }
}

/// A time between two moments that the API tells in whole seconds.
struct Span {
    let milliseconds: Int

    /// Nil unless both are times.
    init?(from start: JSON?, to end: JSON?) {
        guard let start = start?.moment, let end = end?.moment else { return nil }
        self.init(from: start, to: end)
    }

    init(from start: Date, to end: Date) { milliseconds = max(0, Int(end.timeIntervalSince(start) * 1000)) }

    var text: String { milliseconds < 1000 ? "under 1 s" : Format.duration(milliseconds: milliseconds) }
}

extension JSON {
    /// The time that a text tells (ISO 8601, UTC).
    var moment: Date? { string.flatMap { try? Date($0, strategy: .iso8601) } }
}
