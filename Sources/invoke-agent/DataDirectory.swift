import Foundation
import InvokeAssets
import InvokeModel

/// The folder in which the agent keeps everything; one agent at a time.
struct DataDirectory: Sendable {
    let path: String

    init(_ path: String) { self.path = URL(fileURLWithPath: path).standardizedFileURL.path }

    /// Makes the folder when it is not there, for the agent's user alone, and locks it until the program ends: that keeps
    /// a second agent away.
    /// - Throws: `Stop`.
    func take() throws {
        try DurableFile.makeFolder(path)
        guard access(path, W_OK) == 0 else {
            throw Stop.folderNotWritable("the folder \(path) is not writable for this user")
        }
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Stop.folderNotWritable("\(lock) can't be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Stop.alreadyRunning("an agent is running on \(path) already; stop it, or choose another --data-dir")
        }
    }

    /// Whether somebody began to restore a backup into the folder, and was cut off.
    var isHalfRestored: Bool { Self.exists(restoring) && !Self.exists(database) }

    /// - Throws: `Stop` when the folder is half restored: what is there would be taken for an agent without a past.
    func checkRestored() throws {
        guard isHalfRestored else { return }
        throw Stop.damagedDatabase(
            "a backup was being restored into \(path) and that was cut off; run `invoke-agent admin restore` again"
        )
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    var lock: String { path + "/agent.lock" }
    /// Where a restore puts everything until it is whole.
    var restoring: String { path + "/restoring" }
    var database: String { path + "/agent.sqlite" }
    var contents: String { path + "/contents" }
    var key: String { path + "/agent.key" }
    var adminPassword: String { path + "/admin-password" }

    /// What the folders in which jobs run are called when nobody says where. They are not inside this folder: jobs run as
    /// users of their own, who can't pass through a folder that is the agent's alone.
    var workDirectoryName: String { "invoke-agent-\(getuid())-\(ContentHash.of(path.utf8).description.prefix(8))" }

    /// Keeps the first admin's password where only the agent's user can read it.
    func keep(adminPassword password: String) throws {
        let isWritten = FileManager.default.createFile(
            atPath: adminPassword,
            contents: Data("\(password)\n".utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else { throw Stop.folderNotWritable("\(adminPassword) can't be written") }
    }
}
