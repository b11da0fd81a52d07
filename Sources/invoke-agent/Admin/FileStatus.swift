import Foundation

/// What the system says of a file or a folder.
struct FileStatus: Sendable {
    /// Bytes.
    let size: Int
    let number: Int
    private let mode: Int

    /// - Returns: nil when it is not there, or not for this user.
    init?(of path: String) {
        let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let found = try? FileManager.default.attributesOfItem(atPath: place), let size = found[.size] as? Int,
            let number = found[.systemFileNumber] as? Int, let mode = found[.posixPermissions] as? Int
        else { return nil }
        (self.size, self.number, self.mode) = (size, number, mode)
    }

    /// Whether any other user than its owner can do anything with it.
    var isOpenToOthers: Bool { mode & 0o077 != 0 }

    /// Whether every user can pass through the folder.
    var isPassable: Bool { mode & 0o001 != 0 }
}
