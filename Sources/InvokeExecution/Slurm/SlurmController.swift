import InvokeModel

/// A way to talk to the controller of a cluster.
///
/// Whoever implements it only carries words: what they mean for attempts is decided in `SlurmExecutor`.
protocol SlurmController: Sendable {
    /// - Returns: the job's number.
    /// - Throws: `SlurmFault`.
    func submit(_ request: SlurmRequest) async throws -> Int

    /// All jobs of the agent's user that the controller still knows, by one question.
    /// - Throws: `SlurmFault.away`.
    func jobs() async throws -> [SlurmJob]

    /// Ends a job, politely at first; one that is gone already is fine.
    /// - Throws: `SlurmFault`.
    func cancel(_ job: Int) async throws

    /// What the cluster is made of.
    /// - Throws: `SlurmFault.away`.
    func cluster() async throws -> SlurmCluster
}

/// Why the controller has not done what it was asked for; each text is for the operator and names the address.
enum SlurmFault: Error, Hashable {
    /// It can't be asked now, and has done nothing.
    case away(String)
    /// It has not answered, so nobody knows whether it has done it.
    case unanswered(String)
    /// It will never do it.
    case refused(String)

    var text: String {
        switch self {
        case .away(let text), .unanswered(let text), .refused(let text): text
        }
    }
}

/// What is asked of the cluster for one attempt.
struct SlurmRequest: Sendable {
    let name: String
    let comment: String
    /// The batch script's text.
    var script = ""
    /// Where the text also lies as a file.
    let scriptPath: String
    /// The working directory of the script.
    let folder: String
    /// Gets what Slurm itself says of the job.
    let log: String
    let cpus: Int
    /// MiB.
    let memory: Int
    let gpus: Int
    /// Whole minutes.
    let timeLimit: Int
    let options: SlurmOptions

    init(_ attempt: AttemptSpecification, _ place: SlurmPlace, settings: SlurmSettings) {
        name = settings.jobName(of: attempt.name)
        comment = "invoke-agent, job \(attempt.job), attempt \(attempt.number)"
        scriptPath = place.batchScript
        folder = place.workingFolder
        log = place.log
        let resources = attempt.program.resources
        cpus = max(1, Int(resources.cpus.rounded(.up)))
        memory = max(1, (resources.memory + (1 << 20) - 1) >> 20)
        gpus = resources.gpus
        timeLimit = max(1, Int(((attempt.timeout + place.transferTime) / .seconds(60)).rounded(.up)))
        let wanted = attempt.program.slurm
        options = SlurmOptions(
            partition: wanted.partition ?? settings.partition,
            account: wanted.account ?? settings.account,
            constraint: wanted.constraint ?? settings.constraint
        )
    }

    /// For those who read why it was refused: `2 CPUs, 512 MB, 1 GPU and 5 minutes in partition main`.
    var demand: String {
        var text = "\(cpus) CPUs, \(memory) MB, \(gpus) GPUs and \(timeLimit) minutes"
        if let partition = options.partition { text += ", partition \(partition)" }
        if let account = options.account { text += ", account \(account)" }
        if let constraint = options.constraint { text += ", constraint \(constraint)" }
        return text
    }
}

/// A job as the controller tells of it.
struct SlurmJob: Sendable, Hashable {
    let id: Int
    let name: String
    /// Slurm's words, such as `RUNNING`; a second one may tell that nodes are still being cleared, `COMPLETING`.
    let states: Set<String>
    /// Why it waits or has ended, in Slurm's words; `None` for nothing to tell.
    let reason: String
    /// The nodes it runs on; empty while it waits.
    let nodes: String

    /// Whether nothing of it runs any more.
    var hasEnded: Bool { !states.isDisjoint(with: Self.ends) && states.isDisjoint(with: ["COMPLETING", "STAGE_OUT"]) }
    var isWaiting: Bool { states.contains("PENDING") }

    /// Whether the cluster as it is will never start it.
    var isHopeless: Bool {
        isWaiting
            && [
                "BadConstraints", "InvalidAccount", "InvalidQOS", "PartitionConfig", "PartitionNodeLimit",
                "PartitionTimeLimit",
            ].contains(reason)
    }

    private static let ends: Set<String> = [
        "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED",
        "REVOKED", "TIMEOUT",
    ]

    /// Such as `job 17 pending: Resources` or `job 17 on n2`.
    var description: String {
        if isWaiting { return "job \(id) pending: \(reason)" }
        if states == ["RUNNING"] { return "job \(id) on \(nodes)" }
        let words = states.sorted().joined(separator: " ").lowercased()
        return reason == "None" ? "job \(id) \(words)" : "job \(id) \(words): \(reason)"
    }
}

/// A cluster's size and use; nodes that are down do not count.
struct SlurmCluster: Sendable, Hashable {
    /// Such as `22.05.8`.
    var version: String?
    var cpus = 0, usedCPUs = 0
    /// MiB.
    var memory = 0, usedMemory = 0
    var gpus = 0, usedGPUs = 0

    mutating func add(_ node: SlurmNode) {
        guard !node.isDown else { return }
        cpus += node.cpus
        usedCPUs += node.usedCPUs
        memory += node.memory
        usedMemory += node.usedMemory
        gpus += Self.gpus(in: node.gres)
        usedGPUs += Self.gpus(in: node.usedGres)
    }

    /// Counts the graphics processors in `gpu:2`, `gpu:a100:4(S:0-1),nvme:1` and the like.
    private static func gpus(in gres: String) -> Int {
        gres.split(separator: ",").reduce(0) { sum, item in
            let words = item.prefix { $0 != "(" }.split(separator: ":")
            return sum + (words.first == "gpu" ? words.last.flatMap { Int($0) } ?? 1 : 0)
        }
    }
}

/// One machine of a cluster.
struct SlurmNode: Sendable, Hashable {
    let isDown: Bool
    let cpus: Int
    let usedCPUs: Int
    /// MiB.
    let memory: Int
    let usedMemory: Int
    /// As Slurm writes them, such as `gpu:2`.
    let gres: String
    let usedGres: String
}
