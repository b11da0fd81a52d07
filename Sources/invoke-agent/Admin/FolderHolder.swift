import Foundation

/// Who has a data folder, as the kernel lists its locks: asked without taking the lock, which might be in the way of an
/// agent that starts.
struct FolderHolder: Sendable {
    /// Nil when nobody has the folder, and when he is not to be seen from here.
    let process: Int32?
    let isHeld: Bool

    init(of folder: DataDirectory) {
        let locks = (try? String(contentsOfFile: "/proc/locks", encoding: .utf8)) ?? ""
        guard let lock = FileStatus(of: folder.lock) else {
            (process, isHeld) = (nil, false)
            return
        }
        // `1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF`: the process, then device and file.
        let file = ":\(lock.number)"
        let holder = locks.split(separator: "\n").map { $0.split(separator: " ") }.first { fields in
            guard fields.count > 5 else { return false }
            return fields[1] == "FLOCK" && fields[5].hasSuffix(file)
        }
        isHeld = holder != nil
        let number = holder.flatMap { Int32($0[4]) } ?? 0
        process = number > 0 ? number : nil
    }
}
