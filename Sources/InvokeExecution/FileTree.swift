import Glibc

/// Writes a new file; one that exists, or a link in its place, is refused.
func writeFile(_ path: String, _ bytes: some Collection<UInt8>, mode: mode_t) throws(SystemFault) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else { throw SystemFault("write", path) }
    defer { close(file) }
    // The mode of `open` is narrowed by the agent's umask.
    guard fchmod(file, mode) == 0, writeAll(Array(bytes), to: file) else { throw SystemFault("write", path) }
}

/// - Returns: false when the system refused a part, with the reason in `errno`.
func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
        var written = 0
        while written < buffer.count {
            let count = write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            if count < 0, errno != EINTR { return false }
            written += max(0, count)
        }
        return true
    }
}

/// The bytes of an open file from its present place, at most `limit`; nil when the system refuses.
func readAll(_ file: Int32, limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(limit, 64 << 10))
    while bytes.count < limit {
        let count = read(file, &chunk, min(chunk.count, limit - bytes.count))
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return nil }
        guard count > 0 else { break }
        bytes += chunk[..<count]
    }
    return bytes
}

/// The bytes of a file that the agent or the system wrote; nil when there is none.
func readFile(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return readAll(file, limit: limit)
}

/// The names in an open folder without `.` and `..`, each with its closing zero: names need not be text.
func entries(of stream: OpaquePointer) -> [[CChar]] {
    var names: [[CChar]] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) }
        if name != [0x2E], name != [0x2E, 0x2E] { names.append(name + [0]) }
    }
    return names
}

/// What a folder holds.
struct FileTreeUse: Hashable {
    /// Bytes on disk, not lengths: a sparse file counts what it really takes.
    var bytes = 0
    var entries = 0
    /// Whether there are more entries or levels than were looked at.
    var incomplete = false
}

/// Counts what a folder holds while its owner may still be changing it; links are never followed.
func fileTreeUse(_ path: String, maxEntries: Int, maxDepth: Int = 32) -> FileTreeUse {
    var use = FileTreeUse()
    let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if root >= 0 { count(root, &use, maxEntries: maxEntries, levels: maxDepth) }
    return use
}

/// Takes over the descriptor.
private func count(_ folder: Int32, _ use: inout FileTreeUse, maxEntries: Int, levels: Int) {
    guard let stream = fdopendir(folder) else {
        close(folder)
        return
    }
    defer { closedir(stream) }
    while let entry = readdir(stream), !use.incomplete {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) }
        if name == [0x2E] || name == [0x2E, 0x2E] { continue }
        var status = stat()
        guard fstatat(folder, name + [0], &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
        use.entries += 1
        use.bytes += Int(status.st_blocks) * 512
        if use.entries > maxEntries || levels == 0 {
            use.incomplete = true
        } else if status.st_mode & S_IFMT == S_IFDIR {
            let child = openat(folder, name + [0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if child >= 0 { count(child, &use, maxEntries: maxEntries, levels: levels - 1) }
        }
    }
}
