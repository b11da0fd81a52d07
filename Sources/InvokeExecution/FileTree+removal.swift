import Glibc

/// Removes a file, or a folder with all that is in it, whatever its owner did to its modes and its depth.
///
/// Folders inside folders are first moved up beside each other, so neither depth nor long paths matter.
func removeTree(_ path: String) throws(SystemFault) {
    if unlink(path) == 0 || errno == ENOENT { return }
    let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard root >= 0 else { throw SystemFault("open", path) }
    defer { close(root) }
    var removal = Removal(root: root, path: path)
    try removal.empty(root)
    while let name = removal.waiting.popLast() {
        let folder = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw SystemFault("open", "\(path)/\(name)") }
        defer { close(folder) }
        try removal.empty(folder)
        guard unlinkat(root, name, AT_REMOVEDIR) == 0 else { throw SystemFault("remove", "\(path)/\(name)") }
    }
    guard rmdir(path) == 0 || errno == ENOENT else { throw SystemFault("remove", path) }
}

private struct Removal {
    let root: Int32
    let path: String
    /// Names of folders directly below the root that are still to be emptied.
    var waiting: [String] = []
    private var moved = 0

    init(root: Int32, path: String) {
        self.root = root
        self.path = path
    }

    mutating func empty(_ folder: Int32) throws(SystemFault) {
        let copy = dup(folder)
        guard copy >= 0, let stream = fdopendir(copy) else { throw SystemFault("read a folder in", path) }
        defer { closedir(stream) }
        for name in entries(of: stream) {
            if unlinkat(folder, name, 0) == 0 || unlinkat(folder, name, AT_REMOVEDIR) == 0 { continue }
            // Only those who may write to a folder can move and open it, and its owner may have forbidden that.
            guard fchmodat(folder, name, 0o700, 0) == 0 else { throw SystemFault("remove a folder in", path) }
            try moveUp(name, from: folder)
        }
    }

    private mutating func moveUp(_ name: [CChar], from folder: Int32) throws(SystemFault) {
        while true {
            moved += 1
            let new = ".removing-\(moved)"
            if renameat(folder, name, root, new) == 0 {
                waiting.append(new)
                return
            }
            // An earlier removal was interrupted and left a folder of this name.
            guard errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR else {
                throw SystemFault("remove a folder in", path)
            }
        }
    }
}
