/// A way to talk to the controller of a cluster.
///
/// Whoever implements it only carries words: what they mean for attempts is decided in `SlurmExecutor`.
protocol SlurmController: Sendable {
    /// - Returns: the job's number, which is the array's where the request is for one.
    /// - Throws: `SlurmFault`.
    func submit(_ request: SlurmRequest) async throws -> Int

    /// All jobs of the agent's user that the controller still knows, by one question; of arrays every task.
    /// - Throws: `SlurmFault.away`.
    func jobs() async throws -> [SlurmJob]

    /// Ends a job, politely at first; one that is gone already is fine.
    /// - Throws: `SlurmFault`.
    func cancel(_ job: SlurmJobNumber) async throws

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
