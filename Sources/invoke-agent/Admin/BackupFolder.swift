import Foundation
import InvokeModel
import InvokeWire

/// A folder with a backup: `manifest.json`, the database and the key that it names, and the contents.
///
/// Whatever bears the name of a content is whole. A further backup adds what is new under names of its own; the new
/// manifest takes the old one's place at once, and only then what it no longer names goes.
struct BackupFolder: Sendable {
    let path: String

    init(_ path: String) { self.path = URL(fileURLWithPath: path).standardizedFileURL.path }

    var contents: String { path + "/contents" }
    private var manifestFile: String { path + "/manifest.json" }
    private var lock: String { path + "/backup.lock" }

    func path(of file: BackupManifest.File) -> String { "\(path)/\(file.name)" }

    /// Makes the folder when it is not there, for its owner alone, and locks it until the program ends.
    /// - Throws: `Stop`, also for a folder that holds something else.
    func take() throws {
        try DurableFile.makeFolder(path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard names.allSatisfy({ $0 == "lost+found" }) || DataDirectory.exists(lock) else {
            throw Stop.folderNotWritable("\(path) holds something that is no backup; choose an empty folder")
        }
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, access(path, W_OK) == 0 else {
            throw Stop.folderNotWritable("the folder \(path) is not writable for this user")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Stop.alreadyRunning("another backup into \(path) is running")
        }
    }

    /// What the folder holds; nil when no backup into it has come to its end.
    /// - Throws: `Stop` for a manifest that this program can't read.
    func manifest() throws -> BackupManifest? {
        guard let bytes = FileManager.default.contents(atPath: manifestFile) else { return nil }
        guard let json = try? JSON(parsing: Array(bytes), limits: JSONLimits(nodes: .max)),
            let manifest = BackupManifest(json)
        else {
            throw Stop.damagedDatabase("\(manifestFile) is damaged, or of a later version of invoke-agent")
        }
        return manifest
    }

    /// A name for a file of a backup that is being made at a time, no earlier backup's.
    func name(_ time: Date, _ ending: String) -> String {
        "agent-\(time.millisecondText.filter { $0.isNumber || "TZ".contains($0) }).\(ending)"
    }

    /// Makes a backup the one that the folder holds.
    func commit(_ manifest: BackupManifest) throws {
        try DurableFile.sync(contents)
        try DurableFile.write(manifest.json.bytes() + [0x0A], to: manifestFile)
        try removeOthers(than: manifest)
    }

    /// Removes files of earlier backups, and what one that was cut off has left.
    func removeOthers(than manifest: BackupManifest?) throws {
        let kept = manifest.map { [$0.database.name, $0.key.name] } ?? []
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where name.hasPrefix("agent-") && !kept.contains(name) {
            unlink("\(path)/\(name)")
        }
    }
}
