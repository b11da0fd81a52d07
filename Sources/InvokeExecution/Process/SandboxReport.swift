import Glibc
import InvokeModel

/// What bubblewrap wrote down of an attempt: one JSON document on each line.
struct SandboxReport {
    /// The first process of the attempt's namespace, as the agent sees it; when it has ended, so have all others.
    let firstProcess: pid_t?
    /// Whether the program was started: only then is there an exit code.
    let cameUp: Bool

    init(_ directory: JobDirectory) {
        let lines = (readFile(directory.path + "/status") ?? []).split(separator: UInt8(ascii: "\n"))
        let documents = lines.compactMap { try? JSON(parsing: $0) }
        firstProcess = documents.lazy.compactMap { $0["child-pid"]?.int }.first.flatMap { pid_t(exactly: $0) }
        cameUp = documents.contains { $0["exit-code"] != nil }
    }
}
