import Glibc

/// One process, told apart from every other that had or will have its number.
struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
    let boot: String
    let id: pid_t
    /// Clock ticks from the boot to the process's start.
    let start: UInt64

    /// - Returns: nil when there is no such process now.
    init?(of id: pid_t) {
        guard let status = ProcessStatus(of: id) else { return nil }
        self.init(status)
    }

    init?(_ status: ProcessStatus) {
        guard let boot = Self.currentBoot else { return nil }
        self.boot = boot
        self.id = status.id
        self.start = status.start
    }

    /// Reads what `description` wrote.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let id = pid_t(parts[1]), id > 1, let start = UInt64(parts[2]) else {
            return nil
        }
        self.boot = String(parts[0])
        self.id = id
        self.start = start
    }

    var description: String { "\(boot):\(id):\(start)" }

    /// Whether the process still runs; one that ended and was not yet collected does not.
    var isAlive: Bool {
        guard boot == Self.currentBoot, let status = ProcessStatus(of: id) else { return false }
        return status.start == start && !status.hasEnded
    }

    /// Sends a signal, to the group that the process leads if so wanted, and never to another process that got the
    /// number meanwhile.
    func send(_ signal: Int32, toGroup group: Bool = false) {
        if isAlive { kill(group ? -id : id, signal) }
    }

    private static var currentBoot: String? {
        readFile("/proc/sys/kernel/random/boot_id").map { bytes in
            String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
        }
    }
}
