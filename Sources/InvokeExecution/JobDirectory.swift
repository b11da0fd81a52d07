import Glibc
package import InvokeModel

/// One attempt's folder on the host, `<root>/<job>-<attempt>/`.
///
/// The root is apart from the agent's own data, which nobody else may traverse: a program's sandbox is set up under the
/// program's own unprivileged user id and has to reach what it binds.
package struct JobDirectory: Sendable, Hashable {
    /// The absolute path of the folder.
    package let path: String
    package let job: JobID
    /// Counts from 1.
    package let attempt: Int

    /// The folder of an attempt, whether it is there or not.
    package init(root: String, job: JobID, attempt: Int) {
        self.init(path: "\(root)/\(AttemptName(job: job, number: attempt))", job: job, attempt: attempt)
    }

    private init(path: String, job: JobID, attempt: Int) {
        self.path = path
        self.job = job
        self.attempt = attempt
    }

    /// Staged contents, read-only for the program.
    package var inputs: String { path + "/inputs" }
    /// The only folder of the host that the program can write to.
    package var outputs: String { path + "/outputs" }
    /// The small text files of `Run.files`; made by the executor when it needs it.
    package var files: String { path + "/files" }
    /// What `INVOKE_INPUTS` points to.
    package var inputsDocument: String { path + "/inputs.json" }
    /// The program's standard output, progress lines taken out, up to the result limit; missing when it said nothing.
    package var stdout: String { path + "/stdout" }
    /// Exists when `stdout` is not all of it; holds the number of bytes that were dropped.
    package var stdoutDropped: String { path + "/stdout.dropped" }

    /// Whether what lies here takes memory rather than disk.
    var isInMemory: Bool { path.hasPrefix(WorkFolders.memoryPlace + "/") }

    package var name: AttemptName { AttemptName(job: job, number: attempt) }

    /// Where the content of an input lies on the host.
    ///
    /// A slash, a leading dot, control characters and `%` are written as `%XX`, so a name is never a path.
    package func input(_ name: String) -> String { inputs + "/" + Self.component(name) }

    static func component(_ name: String) -> String {
        var bytes: [UInt8] = []
        for (index, byte) in name.utf8.enumerated() {
            switch byte {
            case 0...0x1F, UInt8(ascii: "/"), UInt8(ascii: "%"), 0x7F:
                bytes += Array("%\(CollectionOfOne(byte).hexadecimal)".utf8)
            case UInt8(ascii: ".") where index == 0: bytes += Array("%2e".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JobDirectory {
    /// Makes the folder of an attempt, empty, for the agent alone; the root too where it is missing.
    ///
    /// - Throws: `SystemFault` when the root is a link or belongs to somebody else, and when the folder exists.
    package static func create(root: String, job: JobID, attempt: Int) throws -> JobDirectory {
        if !isPrepared(root: root) { try prepare(root: root) }
        let directory = JobDirectory(root: root, job: job, attempt: attempt)
        for path in [directory.path, directory.inputs, directory.outputs] {
            guard mkdir(path, 0o700) == 0 else { throw SystemFault("make the folder", path) }
        }
        return directory
    }

    /// Every attempt's folder under the root, such as an earlier run left them; other names are not ours.
    package static func leftovers(under root: String) throws -> [JobDirectory] {
        guard let stream = opendir(root) else {
            guard errno != ENOENT else { return [] }
            throw SystemFault("read the folder", root)
        }
        defer { closedir(stream) }
        return entries(of: stream).compactMap { bytes in
            let name = String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard let attempt = AttemptName(name) else { return nil }
            return JobDirectory(root: root, job: attempt.job, attempt: attempt.number)
        }
    }

    /// Puts bytes where a program will find them as an input.
    package func write(_ bytes: [UInt8], asInput name: String) throws { try writeFile(input(name), bytes, mode: 0o444) }

    /// Removes the folder with all that is in it; a folder that is gone already is fine.
    ///
    /// - Throws: `SystemFault` naming what could not be removed.
    package func remove() throws { try removeTree(path) }

    /// Whether the root is as `prepare` leaves it.
    private static func isPrepared(root: String) -> Bool {
        var status = stat()
        return lstat(root, &status) == 0 && status.st_mode == S_IFDIR | 0o711 && status.st_uid == geteuid()
    }

    /// Everybody may pass through the root, nobody but the agent may list or change it.
    private static func prepare(root: String) throws {
        if mkdir(root, 0o711) != 0, errno != EEXIST { throw SystemFault("make the folder", root) }
        let descriptor = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("use as work root (it may not be a link)", root) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemFault("examine", root) }
        guard status.st_uid == geteuid() else {
            throw SystemFault("use as work root (it belongs to somebody else)", root, EPERM)
        }
        guard fchmod(descriptor, 0o711) == 0 else { throw SystemFault("set the mode of", root) }
    }
}
