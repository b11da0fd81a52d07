import FoundationEssentials
import InvokeModel

/// A container as its engine tells of it.
struct ContainerState {
    let id: String
    /// Such as `created`, `running` or `exited`.
    let status: String
    /// Nil while it has not been started.
    let startedAt: Date?
    let exitCode: Int
    /// Whether the kernel has ended a process of it for want of memory, as far as the engine has noticed.
    let wantedMemory: Bool
    private let labels: JSON

    init?(_ answer: JSON) {
        guard let id = answer["Id"]?.string, let state = answer["State"], let status = state["Status"]?.string else {
            return nil
        }
        self.id = id
        self.status = status
        startedAt = state["StartedAt"]?.string.flatMap(Self.time)
        exitCode = state["ExitCode"]?.int ?? 0
        wantedMemory = state["OOMKilled"]?.bool ?? false
        labels = answer["Config"]?["Labels"] ?? .null
    }

    /// Whether there never was a process in it.
    var isUnstarted: Bool { startedAt == nil && (status == "created" || status == "initialized") }
    var isRunning: Bool { status == "running" || status == "paused" || status == "stopping" }

    func belongs(to agent: String) -> Bool { labels[ContainerLabel.agent]?.string == agent }

    /// Reads `2026-11-23T00:02:15.121010374Z`; the year 1 stands for never.
    private static func time(_ text: String) -> Date? {
        let seconds = text.prefix { $0 != "." }
        let zone = text[seconds.endIndex...].drop { $0 == "." || $0.isNumber }
        guard let date = try? Date(String(seconds + zone), strategy: .iso8601), date.timeIntervalSince1970 > 0 else {
            return nil
        }
        return date
    }
}

/// What our containers are labelled with.
enum ContainerLabel {
    static let agent = "invoke.agent"
    static let attempt = "invoke.attempt"
}
