import Glibc

extension TarArchive {
    /// All that a program elsewhere needs of its attempt's folder. The program's script comes last: who has it
    /// has everything.
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
        self.init(of: entries)
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
