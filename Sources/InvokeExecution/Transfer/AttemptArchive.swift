import Glibc

/// All that a program elsewhere needs of its attempt's folder, as a tar archive that is made while it is read.
package struct AttemptArchive: Sendable {
    private struct Entry: Sendable {
        let header: TarHeader
        /// nil for a folder.
        let path: String?
    }

    private var entries: ArraySlice<Entry>
    private var file: Descriptor?
    /// Bytes of the open file that are still to be read, and what fills its last block.
    private var left = 0
    private var filling: [UInt8] = []
    private var isOver = false

    private static let piece = 256 << 10

    /// The program's script comes last: who has it has everything.
    init(of directory: JobDirectory) throws {
        var entries: [Entry] = []
        for folder in ["inputs", "files"] {
            // The program writes to its working directory, and to nothing else that is sent.
            let mode = folder == "files" ? 0o777 : 0o755
            entries.append(Entry(header: TarHeader(path: Array(folder.utf8), kind: .folder, mode: mode), path: nil))
            for name in try Self.names(in: "\(directory.path)/\(folder)") {
                entries.append(try Self.entry("\(folder)/\(name)", in: directory))
            }
        }
        // Whoever brings a script of his own to run it with needs none.
        let scripts = access("\(directory.path)/run.sh", F_OK) == 0 ? ["run.sh", "program.sh"] : ["program.sh"]
        for name in ["inputs.json"] + scripts { entries.append(try Self.entry(name, in: directory)) }
        self.entries = entries[...]
    }

    /// The next bytes; nil at the end.
    /// - Throws: `SystemFault`.
    package mutating func next() throws -> [UInt8]? {
        if let file, left > 0 {
            guard let bytes = readAll(file.number, limit: min(left, Self.piece)), !bytes.isEmpty else {
                throw SystemFault("read", "a file of the attempt")
            }
            left -= bytes.count
            return left == 0 ? bytes + filling : bytes
        }
        if let entry = entries.popFirst() {
            if let path = entry.path {
                file = try Descriptor(reading: path)
                left = entry.header.size
                filling = TarHeader.filling(after: left)
            }
            return entry.header.blocks
        }
        guard !isOver else { return nil }
        isOver = true
        return [UInt8](repeating: 0, count: 2 * TarHeader.block)
    }

    private static func entry(_ name: String, in directory: JobDirectory) throws -> Entry {
        let path = "\(directory.path)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemFault("examine", path) }
        let header = TarHeader(
            path: Array(name.utf8),
            kind: .file,
            size: Int(status.st_size),
            mode: Int(status.st_mode & 0o777)
        )
        return Entry(header: header, path: path)
    }

    /// The names of the files in a folder that may be missing.
    private static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            guard errno != ENOENT else { return [] }
            throw SystemFault("read the folder", folder)
        }
        defer { closedir(stream) }
        return InvokeExecution.entries(of: stream).map {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
