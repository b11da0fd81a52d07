import InvokeModel

/// An operation as the catalogue's templates show it.
struct OperationView: Row {
    static let template = "offer"

    private let operation: JSON

    init(_ operation: JSON, for viewer: Account? = nil) { self.operation = operation }

    var name: String { operation["name"]?.string ?? "" }
    var service: String { operation["service"]?.string ?? "" }

    var content: [String: Any] {
        var content: [String: Any] = [
            "name": name, "service": service,
            "href": "/ui/operations/\(operation["id"]?.string ?? "")",
            "serviceHref": "/ui/services/\(Paths.escape(service))",
            "modes": modes, "succeeded": Format.count(succeeded), "failed": Format.count(failed),
            "hasRun": succeeded + failed > 0, "runs": runs, "tags": tags,
        ]
        content["id"] = operation["id"]?.string
        content["did"] = operation["did"]?.string
        content["version"] = operation["version"]?.string
        content["description"] = operation["description"]?.view
        content["price"] = price
        content["median"] = median
        return content
    }

    private var statistics: JSON? { operation["statistics"] }
    private var succeeded: Int { statistics?["succeeded"]?.int ?? 0 }
    private var failed: Int { statistics?["failed"]?.int ?? 0 }

    private var price: String? {
        guard let amount = operation["price"]?["amount"]?.string else { return nil }
        return "\(amount) \(operation["price"]?["currency"]?.string ?? "")"
    }

    /// Nil as long as no job has succeeded.
    private var median: String? {
        guard succeeded > 0, let time = statistics?["median_ms"]?.int else { return nil }
        return Format.duration(milliseconds: time)
    }

    private var modes: String {
        switch Set((operation["modes"]?.array ?? []).compactMap(\.string)) {
        case ["sync"]: "answers at once"
        case ["async"]: "runs as a job"
        default: "at once or as a job"
        }
    }

    private var tags: [[String: Any]] {
        (operation["tags"]?.array ?? []).compactMap(\.string).map {
            ["name": $0, "href": "/ui" + Query([("tag", $0)]).text]
        }
    }

    /// How the last jobs ended, newest first.
    private var runs: [[String: Any]] {
        (statistics?["last"]?.array ?? []).map { run in
            let time = run["ms"]?.int.map { " after " + Format.duration(milliseconds: $0) } ?? ""
            return ["state": run["state"]?.string ?? "", "text": (run["state"]?.string ?? "") + time]
        }
    }
}
