import Foundation
import InvokeAssets
import InvokeModel

/// The folder in which the agent keeps everything; one agent at a time.
struct DataDirectory: Sendable {
    let path: String
    /// Held open as long as the agent runs: its lock keeps a second agent away.
    private let lock: Int32

    /// Makes the folder when it is not there, for the agent's user alone, and locks it.
    /// - Throws: `Stop`.
    init(_ path: String) throws {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(
                atPath: self.path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Stop.folderNotWritable("the folder \(self.path) can't be made: \(error.localizedDescription)")
        }
        guard access(self.path, W_OK) == 0 else {
            throw Stop.folderNotWritable("the folder \(self.path) is not writable for this user")
        }
        lock = open(self.path + "/agent.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw Stop.folderNotWritable("\(self.path)/agent.lock can't be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Stop.alreadyRunning(
                "an agent is running on \(self.path) already; stop it, or choose another --data-dir"
            )
        }
    }

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
