import Foundation
import InvokeAssets
import InvokeCommands
import InvokeModel
import InvokeStore

/// Makes a backup of a data folder, also while an agent works in it.
///
/// The database comes first, as it is at one moment, and then every content that it names. The agent may meanwhile remove
/// a content that its newest rows no longer name; then the database is taken again, and what is copied already stays.
struct Backup: Sendable {
    let source: DataDirectory
    let target: BackupFolder
    /// The configured one, if there is one.
    let agent: AgentID?
    let progress: ProgressLine

    /// How often the database is taken: each time costs less than the one before, as most contents are there by then.
    private static let most = 5

    /// What has been done.
    struct Report: Sendable {
        let manifest: BackupManifest
        /// Contents that had to be copied, and their bytes.
        let copied: Copied
    }

    struct Copied: Sendable {
        var contents = 0
        var bytes = 0
    }

    /// - Throws: `Stop`.
    func make() async throws -> Report {
        guard DataDirectory.exists(source.database) else {
            throw Stop.usage("there is no database in \(source.path); name the agent's folder with --data-dir")
        }
        guard !(target.path + "/").hasPrefix(source.path + "/"), !(source.path + "/").hasPrefix(target.path + "/")
        else {
            throw Stop.usage("a backup can't be inside \(source.path), nor the other way round")
        }
        do {
            return try await makeChecked()
        } catch let fault as StoreFault {
            throw Stop(fault, path: source.database)
        } catch let fault as FileFault {
            throw Stop.folderNotWritable("\(fault)")
        }
    }

    private func makeChecked() async throws -> Report {
        let original = try StoreFile(path: source.database)
        defer { try? original.close() }
        try target.take()
        let last = try target.manifest()
        let agent = try agent ?? original.agentID()
        if let other = last?.agent, let agent, other != agent {
            throw Stop.usage("\(target.path) holds a backup of another agent, \(DID(agent: other))")
        }
        try target.removeOthers(than: last)
        let contents = try FileContentStore(root: target.contents)
        var (copied, goneBefore) = (Copied(), Set<Hex32>())
        for _ in 0..<Self.most {
            let time = Date()
            let name = target.name(time, "sqlite")
            progress.show("copying the database")
            try original.copy(to: "\(target.path)/\(name)")
            let copy = try StoreFile(path: "\(target.path)/\(name)")
            defer { try? copy.close() }
            try copy.check(thoroughly: false)
            var faults = Faults()
            let number = try await bring(copy, into: contents, &copied, &faults)
            // What two moments name, and neither finds, has not just been removed.
            let lost = faults.gone.intersection(goneBefore)
            guard faults.gone == lost else {
                goneBefore = faults.gone
                try target.removeOthers(than: last)
                continue
            }
            let missing = (lost.union(faults.damaged)).sorted { $0.description < $1.description }
            let manifest = try describe(copy, name, time, agent, contents: number - missing.count, missing)
            try target.commit(manifest)
            try await removeUnnamed(by: copy, from: contents)
            progress.clear()
            return Report(manifest: manifest, copied: copied)
        }
        throw Stop.internalFault("contents were removed faster than they could be copied; try again")
    }

    /// What could not be copied.
    private struct Faults {
        var gone: Set<Hex32> = []
        var damaged: Set<Hex32> = []
    }

    /// Copies what the store names and the backup does not have yet.
    /// - Returns: how many contents the store names.
    private func bring(
        _ store: StoreFile,
        into contents: FileContentStore,
        _ copied: inout Copied,
        _ faults: inout Faults
    ) async throws -> Int {
        let originals = FileContentStore(reading: source.contents)
        var number = 0
        for byte in 0...UInt8.max {
            for hash in try store.contents(beginningWith: byte) {
                number += 1
                guard contents.path(of: hash) == nil else { continue }
                progress.show("copying contents: \(copied.contents) so far, \(Int(byte) * 100 / 256) % done")
                switch try await contents.copy(hash, from: originals) {
                case .whole(let bytes):
                    copied.contents += 1
                    copied.bytes += bytes
                case .gone: faults.gone.insert(hash)
                case .damaged: faults.damaged.insert(hash)
                }
            }
        }
        return number
    }

    private func describe(
        _ copy: StoreFile,
        _ name: String,
        _ time: Date,
        _ agent: AgentID?,
        contents: Int,
        _ missing: [Hex32]
    ) throws -> BackupManifest {
        let key: BackupManifest.File
        do {
            let name = target.name(time, "key")
            let (sha256, bytes) = try DurableFile.digest(of: source.key, copyingTo: "\(target.path)/\(name)")
            key = BackupManifest.File(name: name, bytes: bytes, sha256: sha256)
        } catch let error as CocoaError {
            throw Stop.damagedDatabase("the agent's key \(source.key) can't be read: \(error.localizedDescription)")
        }
        let (sha256, bytes) = try DurableFile.digest(of: copy.path)
        try DurableFile.sync(copy.path)
        return BackupManifest(
            version: agentVersion,
            time: time,
            agent: agent,
            database: BackupManifest.File(name: name, bytes: bytes, sha256: sha256),
            key: key,
            rows: try StoreFile.Kind.allCases.map { ($0.rawValue, try copy.count($0)) },
            contents: contents,
            missing: missing
        )
    }

    private func removeUnnamed(by store: StoreFile, from contents: FileContentStore) async throws {
        for byte in 0...UInt8.max {
            let named = Set(try store.contents(beginningWith: byte))
            for hash in try await contents.hashes(beginningWith: byte) where !named.contains(hash) {
                _ = try await contents.remove(hash) { false }
            }
        }
    }
}
