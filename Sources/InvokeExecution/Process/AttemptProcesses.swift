import Glibc
import InvokeModel

/// The processes of attempts, found by what they carry: every program has its attempt's name in its environment.
struct AttemptProcesses {
    let attempts: Set<AttemptName>
    /// The session that the attempt's first process leads, while that process has not been collected.
    var session: pid_t?

    /// All that carry an attempt's name or belong to the session, and all that descend from them.
    var alive: [ProcessIdentity] {
        let all = ProcessStatus.others
        var found = Set(all.filter { $0.session == session || isMarked($0.id) }.map(\.id))
        while true {
            let more = all.filter { found.contains($0.parent) && !found.contains($0.id) }
            guard !more.isEmpty else { break }
            found.formUnion(more.map(\.id))
        }
        return all.filter { found.contains($0.id) }.map(ProcessIdentity.init)
    }

    /// Ends all of them at once.
    func kill() {
        // Again and again, because a process may fork while the others are being found.
        for _ in 0..<100 {
            let rest = alive
            guard !rest.isEmpty else { return }
            for process in rest { process.send(SIGKILL) }
            usleep(1_000)
        }
    }

    private func isMarked(_ id: pid_t) -> Bool {
        guard let environment = readFile("/proc/\(id)/environ", limit: 4 << 20), !environment.isEmpty else {
            return false
        }
        var job: JobID?
        var number: Int?
        for variable in environment.split(separator: 0) {
            if variable.starts(with: Self.jobPrefix) {
                job = JobID(String(decoding: variable.dropFirst(Self.jobPrefix.count), as: UTF8.self))
            } else if variable.starts(with: Self.numberPrefix) {
                number = Int(String(decoding: variable.dropFirst(Self.numberPrefix.count), as: UTF8.self))
            }
        }
        guard let job, let number else { return false }
        return attempts.contains(AttemptName(job: job, number: number))
    }

    private static let jobPrefix = Array("INVOKE_JOB_ID=".utf8)
    private static let numberPrefix = Array("INVOKE_ATTEMPT=".utf8)
}

/// Processes whose parents have ended and that the kernel has therefore made the agent's own children.
///
/// They are children of the agent's first thread, which never starts a program itself.
enum Orphans {
    /// Collects those that have ended.
    /// - Returns: whether some are still running, or may be because the kernel does not tell.
    static func collect() -> Bool {
        guard let bytes = readFile("/proc/self/task/\(getpid())/children", limit: 1 << 20) else { return true }
        let ids = bytes.split(separator: UInt8(ascii: " ")).compactMap { pid_t(String(decoding: $0, as: UTF8.self)) }
        let own = getsid(0)
        var isAnyRunning = false
        for id in ids {
            // Programs have sessions of their own: what shares the agent's was started by somebody else, who waits for it.
            guard let status = ProcessStatus(of: id), status.session != own else { continue }
            if status.hasEnded { waitpid(id, nil, WNOHANG) } else { isAnyRunning = true }
        }
        return isAnyRunning
    }
}
