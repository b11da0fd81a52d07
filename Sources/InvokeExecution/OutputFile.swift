import Glibc
import InvokeModel

/// An open file of the outputs folder that is safe to read: regular, and with no other name anywhere.
struct OutputFile {
    let name: String
    /// Bytes.
    let size: Int
    private let descriptor: Int32

    /// - Returns: nil when there is no such file.
    /// - Throws: `outputMismatch` for anything but a readable regular file with a single name.
    init?(_ name: String, in folder: Int32) throws(OutputFault) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { $0 == 0x2F || $0 == 0 }) else {
            return nil
        }
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        let descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENAMETOOLONG { return nil }
            throw OutputFault(.outputMismatch, "The output '\(name)' is a link or can't be read.")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            Glibc.close(descriptor)
            throw OutputFault(.outputMismatch, "The output '\(name)' is not a regular file with this one name.")
        }
        self.name = name
        self.size = Int(status.st_size)
        self.descriptor = descriptor
    }

    func close() { Glibc.close(descriptor) }

    /// All of the content.
    /// - Throws: `outputTooLarge` when there is more than the limit.
    func bytes(limit: Int) throws(OutputFault) -> [UInt8] {
        guard size <= limit else {
            throw OutputFault(.outputTooLarge, "The output '\(name)' has \(size) bytes, more than may be kept.")
        }
        guard let bytes = readAll(descriptor, limit: max(1, size)) else {
            throw OutputFault(.outputMismatch, "The output '\(name)' can't be read.")
        }
        return bytes
    }
}
