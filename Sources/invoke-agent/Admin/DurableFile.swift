import Foundation
import InvokeAssets
import InvokeModel

/// Files for the agent's user alone that are on the disk, whole, before they bear their names.
enum DurableFile {
    /// Replaces a file, or makes it.
    /// - Throws: `Stop.folderNotWritable`.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let draft = path + ".new"
        unlink(draft)
        let isWritten = FileManager.default.createFile(
            atPath: draft,
            contents: Data(bytes),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else { throw fault(path) }
        try sync(draft)
        try move(draft, to: path)
    }

    /// Gives a file or a folder its name for good.
    /// - Throws: `Stop.folderNotWritable`.
    static func move(_ draft: String, to path: String) throws {
        guard rename(draft, path) == 0 else { throw fault(path) }
        try sync((path as NSString).deletingLastPathComponent)
    }

    /// - Throws: `Stop.folderNotWritable`.
    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(path) }
    }

    /// Makes a folder unless it is there.
    /// - Throws: `Stop.folderNotWritable`.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Stop.folderNotWritable("the folder \(path) can't be made: \(error.localizedDescription)")
        }
    }

    /// The bytes of a file as hexadecimal SHA-256, and how many there are; copies them on the way when there is a target.
    static func digest(of path: String, copyingTo target: String? = nil) throws -> (sha256: String, bytes: Int) {
        let source = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var copy: FileHandle?
        if let target {
            guard FileManager.default.createFile(atPath: target, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw fault(target) }
            copy = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
        }
        var (digest, size) = (ContentDigest(.sha256), 0)
        while let bytes = try source.read(upToCount: 1 << 20), !bytes.isEmpty {
            digest.update(Array(bytes))
            size += bytes.count
            do { try copy?.write(contentsOf: bytes) } catch { throw fault(target ?? path) }
        }
        try copy?.synchronize()
        return (digest.finish().hexadecimal, size)
    }

    private static func fault(_ path: String) -> Stop {
        .folderNotWritable("\(path) can't be written: \(String(cString: strerror(errno)))")
    }
}
