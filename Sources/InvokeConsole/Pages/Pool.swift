import InvokeModel
import OrderedCollections

/// The slots and the queue of a service: how many of its jobs run and wait, and how many may.
struct Pool: Row {
    static let template = "poolrow"

    let service: String
    let concurrency: Int
    let running: Int
    let waiting: Int
    let queue: Int
    /// How long ago the oldest that waits was accepted; nil when none does.
    let oldestSeconds: Int?
    /// The slots for each engine that has some of its own.
    let engines: [Slots]

    /// What one engine runs of the service.
    struct Slots {
        let engine: String
        let concurrency: Int
        let running: Int
        let waiting: Int

        var isBusy: Bool { waiting > 0 && running >= concurrency }

        var content: [String: Any] {
            [
                "engine": engine, "concurrency": concurrency, "running": running, "waiting": waiting,
                "isWaiting": waiting > 0,
            ]
        }
    }

    init(_ json: JSON, for viewer: Account? = nil) {
        service = json["service"]?.string ?? ""
        concurrency = json["concurrency"]?.int ?? 0
        running = json["running"]?.int ?? 0
        waiting = json["waiting"]?.int ?? 0
        queue = json["queue"]?.int ?? 0
        oldestSeconds = json["oldest_seconds"]?.int
        engines = (json["engines"]?.object ?? [:]).map { engine, slots in
            Slots(
                engine: engine,
                concurrency: slots["concurrency"]?.int ?? 0,
                running: slots["running"]?.int ?? 0,
                waiting: slots["waiting"]?.int ?? 0
            )
        }
    }

    /// Whether jobs wait because no slot is free.
    var isBusy: Bool { busySlots != nil }
    /// Whose slots are all taken while jobs wait for them, in words: `no slot of 4`, `no slot of 100 by slurm`.
    var busySlots: String? {
        guard engines.isEmpty else {
            return engines.first(where: \.isBusy).map { "no slot of \($0.concurrency) by \($0.engine)" }
        }
        return waiting > 0 && running >= concurrency ? "no slot of \(concurrency)" : nil
    }
    var isFull: Bool { queue > 0 && waiting >= queue }

    var path: String { "/ui/services/\(Paths.escape(service))" }

    /// The page of its jobs in one state.
    func jobs(_ state: JobState) -> String { "/ui/jobs?service=\(Paths.escape(service))&status=\(state.rawValue)" }

    var content: [String: Any] {
        var view: [String: Any] = [
            "service": service, "path": path, "concurrency": concurrency, "running": running, "waiting": waiting,
            "queue": queue, "isBusy": isBusy, "isFull": isFull, "isIdle": running == 0 && waiting == 0,
            "runningJobs": jobs(.running), "waitingJobs": jobs(.scheduled), "failedJobs": jobs(.failed),
            "allJobs": "/ui/jobs?service=\(Paths.escape(service))", "engines": engines.map(\.content),
        ]
        if let oldestSeconds { view["oldest"] = Format.duration(milliseconds: oldestSeconds * 1000) }
        return view
    }
}
