import CSpawn
import Glibc

/// An open file of the agent; it is closed with its last owner, and no program inherits it by accident.
final class Descriptor: Sendable {
    let number: Int32

    /// Takes over what a call returned.
    /// - Throws: `SystemFault` when that is no descriptor, with the reason in `errno`.
    init(_ number: Int32, _ operation: String, _ path: String) throws(SystemFault) {
        guard number >= 0 else { throw SystemFault(operation, path) }
        self.number = number
    }

    /// Takes over an open descriptor.
    init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Opens a file for reading.
    convenience init(reading path: String) throws(SystemFault) {
        try self.init(open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "read", path)
    }

    /// A file in memory that holds bytes, to be read from its beginning.
    convenience init(holding bytes: [UInt8]) throws(SystemFault) {
        try self.init(invoke_open_memory(), "make", "a file in memory")
        guard writeAll(bytes, to: number), lseek(number, 0, SEEK_SET) == 0 else {
            throw SystemFault("write to", "a file in memory")
        }
    }

    /// Becomes readable when a process ends, whoever has started it.
    convenience init(ofProcess id: pid_t) throws(SystemFault) {
        try self.init(invoke_open_process(id), "watch the process", String(id))
    }

    /// Something that one thread waits for and others set off.
    static func alarm() throws(SystemFault) -> Descriptor {
        try Descriptor(invoke_open_event(), "make", "an alarm")
    }

    /// Makes a poll of this alarm return, now and from then on.
    func setOff() { _ = writeAll([1, 0, 0, 0, 0, 0, 0, 0], to: number) }
}

/// The two ends of a pipe.
struct Pipe {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(SystemFault) {
        var ends: [Int32] = [-1, -1]
        guard invoke_open_pipe(&ends) == 0 else { throw SystemFault("make", "a pipe") }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }
}
