import Foundation
import InvokeAssets
import InvokeCommands
import InvokeModel
import InvokeStore

/// Makes a data folder from a backup: beside its place first, and in it once all of it is there and checked.
struct Restoration: Sendable {
    let source: BackupFolder
    let target: DataDirectory
    /// Whether contents that are damaged may be left out.
    let acceptsDamage: Bool
    let progress: ProgressLine

    struct Report: Sendable {
        let manifest: BackupManifest
        /// Contents that are there now.
        let contents: Int
        let missing: [Hex32]
    }

    /// - Throws: `Stop`; the folder is then as empty as it was.
    func make() async throws -> Report {
        guard let manifest = try source.manifest() else {
            throw Stop.damagedDatabase("\(source.path) holds no whole backup: manifest.json is not there")
        }
        try target.take()
        try clear()
        let draft = DraftFolder(path: target.restoring)
        let report: Report
        do {
            try DurableFile.makeFolder(draft.path)
            report = try await fill(draft, manifest)
        } catch {
            try? FileManager.default.removeItem(atPath: draft.path)
            progress.clear()
            switch error {
            case let fault as StoreFault: throw Stop(fault, path: source.path(of: manifest.database))
            case let fault as FileFault: throw Stop.folderNotWritable("\(fault)")
            default: throw error
            }
        }
        // From here on the draft stays when something fails: it tells that the folder is half restored.
        try move(draft)
        progress.clear()
        return report
    }

    /// Sees to it that nothing in the folder is lost or mixed with what comes: removes only what a restore that was cut
    /// off has left.
    private func clear() throws {
        let parts = [target.database, target.database + "-wal", target.key, target.contents]
        if target.isHalfRestored {
            for part in [target.contents, target.key, target.restoring] {
                try? FileManager.default.removeItem(atPath: part)
            }
        }
        if let part = parts.first(where: DataDirectory.exists) {
            throw Stop.folderNotWritable(
                "\(part) is there already, and a restore overwrites nothing; choose another --data-dir, or move it away"
            )
        }
    }

    private func fill(_ draft: DraftFolder, _ manifest: BackupManifest) async throws -> Report {
        progress.show("copying the database")
        try copy(manifest.database, to: draft.database)
        try copy(manifest.key, to: draft.key)
        let store = try StoreFile(path: draft.database)
        try store.check(thoroughly: true)
        let originals = FileContentStore(reading: source.contents)
        let contents = try FileContentStore(root: draft.contents)
        var (number, missing): (Int, [Hex32]) = (0, [])
        for byte in 0...UInt8.max {
            for hash in try store.contents(beginningWith: byte) {
                progress.show("copying contents: \(number) of \(manifest.contents)")
                if case .whole = try await contents.copy(hash, from: originals) {
                    number += 1
                } else {
                    missing.append(hash)
                }
            }
        }
        try store.close()
        let unexpected = missing.filter { !manifest.missing.contains($0) }
        guard unexpected.isEmpty || acceptsDamage else {
            throw Stop.damagedDatabase(
                "contents in \(source.contents) are damaged or not there: \(unexpected.shortList); "
                    + "--without-damaged restores the rest. Nothing was changed."
            )
        }
        try StoreFile.prepare(draft.database)
        return Report(manifest: manifest, contents: number, missing: missing)
    }

    private func copy(_ file: BackupManifest.File, to place: String) throws {
        func damaged(_ reason: String) -> Stop {
            .damagedDatabase("\(source.path(of: file)) is damaged (\(reason)). Nothing was changed.")
        }
        do {
            let found = try DurableFile.digest(of: source.path(of: file), copyingTo: place)
            guard found.sha256 == file.sha256 else { throw damaged("its SHA-256 is \(found.sha256)") }
        } catch let error as CocoaError {
            throw damaged(error.localizedDescription)
        }
    }

    /// The database comes last: it is what makes the folder an agent's.
    private func move(_ draft: DraftFolder) throws {
        try DurableFile.sync(draft.database)
        try DurableFile.move(draft.contents, to: target.contents)
        try DurableFile.move(draft.key, to: target.key)
        try DurableFile.move(draft.database, to: target.database)
        try? FileManager.default.removeItem(atPath: draft.path)
    }
}

/// Where a restored agent's parts lie until they are whole.
private struct DraftFolder {
    let path: String

    var database: String { path + "/agent.sqlite" }
    var contents: String { path + "/contents" }
    var key: String { path + "/agent.key" }
}
