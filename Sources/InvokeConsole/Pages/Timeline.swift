import Foundation
import InvokeModel

/// How a job has spent its time: waiting, and running, attempt by attempt.
struct Timeline {
    /// What templates see: bars with their place in percent of the whole, and the attempts as a table.
    let content: [String: Any]

    private static let ends = ["succeeded", "failed", "cancelled"]

    /// The course of a job as `GET /jobs/{id}` tells it; of one that has not ended, until `now`.
    init?(job: JSON, now: Date = .now) {
        guard let created = job["created"]?.moment else { return nil }
        let state = job["status"]?.string ?? ""
        let attempts = job["history"]?.array ?? []
        let end = job["ended"]?.moment ?? now
        // Times are told in whole seconds: what was over within one fills the axis.
        let edge = max(end, created.addingTimeInterval(1))
        let whole = edge.timeIntervalSince(created)
        func bar(_ kind: String, _ from: Date, _ to: Date, _ label: String) -> [String: Any] {
            let shown = to == from && to == end ? edge : to
            let x = min(99.5, max(0, from.timeIntervalSince(created) / whole * 100))
            let width = min(100 - x, max(0.5, shown.timeIntervalSince(from) / whole * 100))
            return [
                "kind": kind, "x": Self.percent(x), "width": Self.percent(width),
                "label": "\(label): \(Span(from: from, to: to).text)",
            ]
        }
        var bars: [[String: Any]] = []
        var rows: [[String: Any]] = []
        var last = created
        for attempt in attempts {
            guard let started = attempt["started"]?.moment else { continue }
            let number = attempt["attempt"]?.int ?? 0
            let ended = attempt["ended"]?.moment
            let kind = ended == nil ? "running" : Self.kind(of: attempt, state, isLast: attempt == attempts.last)
            if started > last { bars.append(bar("waiting", last, started, "Waited")) }
            bars.append(bar(kind, started, ended ?? end, "Attempt \(number), \(kind)"))
            last = ended ?? end
            var row: [String: Any] = [
                "number": number, "started": attempt["started"]?.string ?? "", "kind": kind,
                "took": Span(from: started, to: ended ?? end).text,
            ]
            row["cause"] = attempt["cause"]?.string ?? "runs"
            let place = [attempt["engine"]?.string, attempt["place"]?.string].compactMap(\.self)
            if !place.isEmpty { row["place"] = place.joined(separator: ": ") }
            rows.append(row)
        }
        if end > last, JobState(rawValue: state)?.isTerminal == false {
            bars.append(bar("waiting", last, end, "Waits"))
        }
        let waited = Span(from: created, to: attempts.first?["started"]?.moment ?? end).text
        var content: [String: Any] = [
            "bars": bars, "rows": rows, "hasRows": !rows.isEmpty,
            "summary": Self.summary(state, attempts.count, waited, Span(from: created, to: end).text),
            "created": job["created"]?.string ?? "",
        ]
        content["ended"] = job["ended"]?.string
        self.content = content
    }

    private static func summary(_ state: String, _ attempts: Int, _ waited: String, _ whole: String) -> String {
        let runs = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        return switch (state, attempts) {
        case ("scheduled", _): "Has waited for \(waited)."
        case (_, 0): "Waited for \(waited) and never ran."
        case ("running", _): "Waited for \(waited); \(runs) in \(whole) so far."
        default: "Waited for \(waited); \(runs); ended after \(whole)."
        }
    }

    /// The last attempt of an ended job ended as the job did; all others did not come to an end.
    private static func kind(of attempt: JSON, _ state: String, isLast: Bool) -> String {
        isLast && ends.contains(state) ? state : "failed"
    }

    private static func percent(_ value: Double) -> String { "\((value * 100).rounded() / 100)%" }
}
