/// What the controller calls a job: `17`, or `17_3` for task 3 of the array job 17.
struct SlurmJobNumber: Sendable, Hashable, CustomStringConvertible {
    let job: Int
    /// nil for a job that is no task; as something to cancel it is a whole array then.
    var task: Int?

    init(_ job: Int, task: Int? = nil) {
        self.job = job
        self.task = task
    }

    /// Reads what `description` wrote.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard let job = numbers.first, numbers.count == parts.count, parts.count <= 2 else { return nil }
        self.init(job, task: numbers.dropFirst().first)
    }

    var description: String { task.map { "\(job)_\($0)" } ?? String(job) }

    /// Reads which tasks of an array that can have so many are meant by `0-5,7,10-16:2%4` and the like.
    ///
    /// Long texts are cut and end in three dots: whatever could follow is taken to be meant.
    static func tasks(_ text: String, most: Int) -> [Int] {
        var parts = text.prefix { $0 != "%" }.split(separator: ",")
        let isCut = parts.last?.hasSuffix("...") == true
        // A part of a number, perhaps.
        if isCut { parts.removeLast() }
        var tasks: [Int] = []
        for part in parts {
            let numbers = part.split { $0 == "-" || $0 == ":" }.compactMap { Int($0) }
            guard let first = numbers.first, first >= 0 else { continue }
            let last = min(numbers.count > 1 ? numbers[1] : first, most - 1)
            tasks += stride(from: first, through: last, by: numbers.count > 2 ? max(1, numbers[2]) : 1)
        }
        let next = (tasks.last ?? -1) + 1
        return isCut && next < most ? tasks + (next..<most) : tasks
    }
}

/// A job as the controller tells of it, or one task of an array job.
struct SlurmJob: Sendable, Hashable {
    var id: SlurmJobNumber
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
