import Glibc

/// One process, told apart from every other of this boot that had or will have its number.
struct ProcessIdentity: Sendable, Hashable {
    let id: pid_t
    /// Clock ticks from the boot to the process's start.
    let start: UInt64

    init(_ status: ProcessStatus) {
        id = status.id
        start = status.start
    }

    /// Whether the process still runs; one that ended and was not yet collected does not.
    var isAlive: Bool {
        guard let status = ProcessStatus(of: id) else { return false }
        return status.start == start && !status.hasEnded
    }

    /// Sends a signal, and never to another process that got the number meanwhile.
    func send(_ signal: Int32) {
        if isAlive { kill(id, signal) }
    }
}
