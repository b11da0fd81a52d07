import InvokeModel

/// A pod as the API tells of it.
struct PodState {
    let name: String
    let attempt: AttemptName?
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    let phase: String
    let reason: String
    let message: String
    let node: String?
    /// Why no node takes it now; nil when one has.
    let unschedulable: String?
    private let containers: [String: ContainerStatus]

    init?(_ pod: JSON) {
        guard let name = pod["metadata"]?["name"]?.string else { return nil }
        self.name = name
        attempt = pod["metadata"]?["labels"]?[KubernetesLabel.attempt]?.string.flatMap { AttemptName($0) }
        let status = pod["status"]
        phase = status?["phase"]?.string ?? "Pending"
        reason = status?["reason"]?.string ?? ""
        message = status?["message"]?.string ?? ""
        node = pod["spec"]?["nodeName"]?.string
        let scheduled = status?["conditions"]?.array?.first { $0["type"]?.string == "PodScheduled" }
        unschedulable = scheduled?["status"]?.string == "False" ? scheduled?["message"]?.string ?? "" : nil
        let told = (status?["initContainerStatuses"]?.array ?? []) + (status?["containerStatuses"]?.array ?? [])
        let named = told.compactMap { status in status["name"]?.string.map { ($0, ContainerStatus(status)) } }
        containers = Dictionary(named) { $1 }
    }

    subscript(container: String) -> ContainerStatus { containers[container] ?? .waiting(reason: "", message: "") }

    var hasEnded: Bool { phase == "Succeeded" || phase == "Failed" }

    /// Whether the program runs, or has run.
    var hasStarted: Bool { if case .waiting = self[KubernetesJob.program] { false } else { true } }

    /// What holds up a container that ought to run; nil when nothing does.
    var obstacle: (reason: String, message: String)? {
        for container in [KubernetesJob.fetch, KubernetesJob.program, KubernetesJob.keep] {
            if case .waiting(let reason, let message) = self[container],
                !["", "PodInitializing", "ContainerCreating"].contains(reason)
            {
                return (reason, message)
            }
        }
        return nil
    }

    /// For those who look where their job is: `pod invoke-1-x on n2`.
    var description: String {
        if let node { return "pod \(name) on \(node)" + (obstacle.map { ": \($0.reason)" } ?? "") }
        return "pod \(name) pending" + (unschedulable.map { ": \($0)" } ?? "")
    }
}

/// A container as its pod's status tells of it.
enum ContainerStatus: Hashable {
    case waiting(reason: String, message: String)
    case running
    case terminated(code: Int, reason: String, message: String)

    init(_ status: JSON) {
        func text(_ state: JSON, _ key: String) -> String { state[key]?.string ?? "" }
        let state = status["state"]
        if let ended = state?["terminated"] {
            self = .terminated(
                code: ended["exitCode"]?.int ?? 255,
                reason: text(ended, "reason"),
                message: text(ended, "message")
            )
        } else if state?["running"] != nil {
            self = .running
        } else {
            let waiting = state?["waiting"] ?? .null
            self = .waiting(reason: text(waiting, "reason"), message: text(waiting, "message"))
        }
    }
}
