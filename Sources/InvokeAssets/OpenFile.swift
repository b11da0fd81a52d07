import Foundation
import Synchronization

/// A call on a file that failed, with the reason the system gave.
package struct FileFault: Error, CustomStringConvertible {
    package let code: Int32
    package let path: String
    package let description: String

    init(_ call: String, _ path: String) {
        code = errno
        self.path = path
        description = "\(call) \(path): \(String(cString: strerror(code)))"
    }

    /// Whether there is no space left, or no more that the agent may use.
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

    package var isMissing: Bool { code == ENOENT }
}

/// A file descriptor and the calls we make on it.
final class OpenFile: Sendable {
    private let descriptor: Int32
    private let path: String
    private let isClosed = Atomic<Bool>(false)

    /// A new file that everyone who can reach its folder may read and nobody may write: contents never change.
    init(creating path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
        // Again, because the umask may have taken something away.
        guard descriptor >= 0, fchmod(descriptor, 0o444) == 0 else { throw FileFault("create", path) }
    }

    init(reading path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileFault("open", path) }
    }

    func write(_ bytes: [UInt8]) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 {
                guard errno == EINTR else { throw FileFault("write", path) }
            } else {
                written += count
            }
        }
    }

    func read(atMost limit: Int) throws -> [UInt8] {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
                count = Foundation.read(descriptor, buffer.baseAddress, limit)
                initialized = max(0, count)
            }
            if count >= 0 { return bytes }
            guard errno == EINTR else { throw FileFault("read", path) }
        }
    }

    /// As much of a range as there is.
    func read(_ range: Range<Int>) throws -> [UInt8] {
        guard lseek(descriptor, range.lowerBound, SEEK_SET) >= 0 else { throw FileFault("seek", path) }
        var bytes: [UInt8] = []
        while bytes.count < range.count, case let next = try read(atMost: range.count - bytes.count), !next.isEmpty {
            bytes += next
        }
        return bytes
    }

    func syncAndClose() throws {
        defer { close() }
        guard fsync(descriptor) == 0 else { throw FileFault("sync", path) }
    }

    /// Once: by the second time the number may be another file's.
    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        _ = Foundation.close(descriptor)
    }
}
