import Glibc
import InvokeModel

/// An attempt's folder as its job on a node sees it: who has begun, who has ended, and what was said.
///
/// What lies here is the truth about an attempt; the controller only tells why there is none.
struct SlurmPlace: Sendable {
    /// The attempt's folder.
    let path: String

    /// What is submitted.
    var batchScript: String { path + "/batch.sh" }
    /// What the batch script runs: environment, limits, command. An attempt without it is withdrawn.
    var programScript: String { path + "/program.sh" }
    /// A folder: whoever makes it decides alone whether the program starts.
    var started: String { path + "/started" }
    /// Gets the program's exit status as a shell tells it, when nothing of the program is left.
    var exit: String { path + "/exit" }
    var output: String { path + "/output.log" }
    var errors: String { path + "/errors.log" }
    /// What Slurm says of the job.
    var log: String { path + "/slurm.log" }

    var isPrepared: Bool { access(programScript, F_OK) == 0 }

    /// From 0 to 255; nil while the program runs or when nobody was left to write it.
    var exitStatus: Int? {
        readFile(exit).flatMap { Int(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
    }

    /// Whether the program was started, or kept from it for ever.
    var hasStarted: Bool { access(started, F_OK) == 0 }

    /// Keeps the program from being started ever.
    /// - Returns: false when it has been started.
    /// - Throws: `SystemFault`.
    func claim() throws -> Bool {
        if mkdir(started, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw SystemFault("make the folder", started) }
        return false
    }

    /// Makes the attempt one that never was; its job does nothing should it still begin.
    func withdraw() { unlink(programScript) }

    /// Whether Slurm has written that the job took too much memory.
    var tellsOfMemory: Bool {
        let text = String(decoding: readFile(log) ?? [], as: UTF8.self).lowercased()
        return text.contains("memory limit") || text.contains("oom")
    }
}
