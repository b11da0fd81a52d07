import Crypto
import Glibc

/// A folder that is a root file system, as it is at one moment.
///
/// Devices, pipes and sockets are left out, as is what other file systems hold that are mounted in it.
struct RootFolder: Sendable {
    private let path: String
    private let device: dev_t
    private(set) var entries: [TarArchive.Entry] = []
    /// Other than at any moment at which something in it was different.
    private(set) var state = SHA256()
    /// The first name of files that have several, by their numbers.
    private var linked: [FileNumber: [UInt8]] = [:]

    private struct FileNumber: Hashable {
        let device: dev_t
        let number: ino_t
    }

    /// - Throws: `SystemFault` for what can't be looked at.
    init(_ path: String) throws(SystemFault) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemFault("examine", path) }
        self.path = path
        device = status.st_dev
        // The rights of the folder itself are how its owner guards it, not those of a container's root.
        try look(into: "")
    }

    private mutating func look(into folder: String) throws(SystemFault) {
        guard let stream = opendir("\(path)/\(folder)") else {
            throw SystemFault("read the folder", "\(path)/\(folder)")
        }
        defer { closedir(stream) }
        for bytes in InvokeExecution.entries(of: stream).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let name = String(validating: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) else {
                throw SystemFault("name a file in UTF-8 of", "\(path)/\(folder)", EILSEQ)
            }
            var status = stat()
            guard fstatat(dirfd(stream), bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw SystemFault("examine", "\(path)/\(folder)\(name)")
            }
            try take(folder + name, status)
        }
    }

    private mutating func take(_ name: String, _ status: stat) throws(SystemFault) {
        let kind = status.st_mode & S_IFMT
        guard [S_IFDIR, S_IFREG, S_IFLNK].contains(kind) else { return }
        // The last change is also one of rights and owners, and nobody can set it back.
        let changed = status.st_ctim
        state.update(data: Array("\(name)\0\(status.st_size) \(changed.tv_sec).\(changed.tv_nsec)\n".utf8))
        var header = TarHeader(path: Array(name.utf8), kind: .folder, mode: Int(status.st_mode & 0o7777))
        header.owner = Int(status.st_uid)
        header.group = Int(status.st_gid)
        header.modified = status.st_mtim.tv_sec
        if kind == S_IFLNK {
            header.kind = .symbolicLink
            header.target = try target(name)
        } else if kind == S_IFREG {
            let number = FileNumber(device: status.st_dev, number: status.st_ino)
            if let first = linked[number] {
                header.kind = .link
                header.target = first
            } else {
                header.kind = .file
                header.size = Int(status.st_size)
                if status.st_nlink > 1 { linked[number] = header.path }
            }
        }
        entries.append(TarArchive.Entry(header: header, path: header.kind == .file ? "\(path)/\(name)" : nil))
        if kind == S_IFDIR, status.st_dev == device { try look(into: name + "/") }
    }

    private func target(_ name: String) throws(SystemFault) -> [UInt8] {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("\(path)/\(name)", &target, target.count)
        guard count >= 0 else { throw SystemFault("read the link", "\(path)/\(name)") }
        return target.prefix(count).map(UInt8.init(bitPattern:))
    }
}
