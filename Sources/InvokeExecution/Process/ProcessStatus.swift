import Glibc

/// What the kernel says of a process in `/proc/<id>/stat`.
struct ProcessStatus {
    let id: pid_t
    let parent: pid_t
    let session: pid_t
    /// Clock ticks from the boot to the process's start.
    let start: UInt64
    /// Whether only its exit status is left of it.
    let hasEnded: Bool

    /// - Returns: nil when there is no such process now.
    init?(of id: pid_t) {
        guard let bytes = readFile("/proc/\(id)/stat", limit: 4096) else { return nil }
        // The name in parentheses is the program's own choice and may hold anything, parentheses too.
        guard let name = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: bytes[(name + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let parent = pid_t(fields[1]), let session = pid_t(fields[3]),
            let start = UInt64(fields[19])
        else { return nil }
        self.id = id
        self.parent = parent
        self.session = session
        self.start = start
        self.hasEnded = fields[0] == "Z" || fields[0] == "X"
    }

    /// Every process of the machine that the agent can see and that has not ended, the agent itself left out.
    static var others: [ProcessStatus] {
        guard let stream = opendir("/proc") else { return [] }
        defer { closedir(stream) }
        return entries(of: stream).compactMap { name in
            let text = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard let id = pid_t(text), id != getpid(), let status = Self(of: id) else { return nil }
            return status.hasEnded ? nil : status
        }
    }
}
