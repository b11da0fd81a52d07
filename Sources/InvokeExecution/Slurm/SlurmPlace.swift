import Glibc
import InvokeModel

/// An attempt's folder as the agent and the attempt's job on a node see it: who has begun, who has ended, what was said.
///
/// What lies here is the truth about an attempt; the controller only tells why there is none.
struct SlurmPlace: Sendable {
    /// The attempt's folder.
    let path: String
    /// The folder on the node: the same one where it is shared.
    let nodePath: String
    /// Where the batch script begins: a folder that is there on all nodes.
    let workingFolder: String
    /// What brings files there and back; nil where the folder is shared.
    let transfer: AttemptTransfer?

    init(_ directory: JobDirectory, _ settings: SlurmSettings) {
        path = directory.path
        switch settings.exchange {
        case .sharedFolder:
            (nodePath, workingFolder, transfer) = (path, path, nil)
        case .transfers(let nodeFolder, _):
            nodePath = "\(nodeFolder)/\(settings.jobName(of: directory.name))"
            workingFolder = nodeFolder
            transfer = AttemptTransfer(directory: directory, limits: settings.limits)
        }
    }

    /// What is submitted.
    var batchScript: String { path + "/batch.sh" }
    /// What is submitted where the attempt is the first of an array.
    var arrayScript: String { path + "/array.sh" }
    /// What the batch script runs: environment, limits, command. In a shared folder, an attempt without it is withdrawn.
    var programScript: String { path + "/program.sh" }
    /// A folder: whoever makes it decides alone whether the program starts. Without a shared folder, the claim does.
    private var started: String { path + "/started" }
    /// Gets the program's exit status as a shell tells it, when nothing of the program is left.
    var exit: String { path + "/exit" }
    var output: String { path + "/output.log" }
    var errors: String { path + "/errors.log" }
    /// What Slurm says of the job; nobody reads it on a node.
    var log: String { transfer == nil ? path + "/slurm.log" : "/dev/null" }
    /// What the cluster may spend on bringing files there and back, beside the program's own time.
    var transferTime: Duration { transfer == nil ? .zero : .seconds(600) }

    var isPrepared: Bool { if let transfer { transfer.token != nil } else { access(programScript, F_OK) == 0 } }

    /// From 0 to 255; nil while the program runs or when nobody was left to write it.
    var exitStatus: Int? {
        readFile(exit).flatMap { Int(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
    }

    /// Whether the program was started: from the first on that is heard of it, where its files had to come first.
    var hasStarted: Bool { access(transfer?.output ?? started, F_OK) == 0 }

    /// Keeps the program from being started ever.
    /// - Returns: false when it has been started, or a node has its files.
    /// - Throws: `SystemFault`.
    func claim() throws -> Bool {
        if let transfer { return try transfer.isClaimed(by: "agent") }
        if mkdir(started, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw SystemFault("make the folder", started) }
        return false
    }

    /// Makes the attempt one that never was; its job does nothing should it still begin.
    func withdraw() { if let transfer { transfer.close() } else { unlink(programScript) } }

    /// Whether Slurm has written that the job took too much memory.
    var tellsOfMemory: Bool {
        guard transfer == nil else { return false }
        let text = String(decoding: readFile(log) ?? [], as: UTF8.self).lowercased()
        return text.contains("memory limit") || text.contains("oom")
    }
}
