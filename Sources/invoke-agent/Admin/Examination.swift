import Foundation
import InvokeAssets
import InvokeModel
import InvokeStore

/// Looks at everything that an agent needs, without changing any of it.
struct Examination: Sendable {
    let settings: Settings
    /// Whether all contents and rows are looked at, whatever that takes.
    let isDeep: Bool

    var folder: DataDirectory { DataDirectory(settings.dataDirectory) }

    func findings() async -> [Finding] {
        let holder = FolderHolder(of: folder)
        var findings = [dataFolder(holder)]
        if DataDirectory.exists(folder.database) {
            findings += await stored(holder)
        } else {
            findings.append(
                .warning(
                    "database",
                    "there is none in \(folder.path)",
                    "it is made at the first start, or by a restore"
                )
            )
        }
        findings += [disk(), workFolder(), await sandbox(), openFiles(), await address(holder)]
        findings += await engines()
        if let exposure { findings.append(exposure) }
        return findings
    }

    private func dataFolder(_ holder: FolderHolder) -> Finding {
        let name = "data folder"
        guard let status = FileStatus(of: folder.path) else {
            return .warning(name, "\(folder.path) is not there", "it is made at the first start; or check --data-dir")
        }
        guard access(folder.path, W_OK) == 0 else {
            return .failed(name, "\(folder.path) is not writable for this user", "run as its owner, or chown it")
        }
        guard !folder.isHalfRestored else {
            return .failed(name, "a restore into \(folder.path) was cut off", "run `invoke-agent admin restore` again")
        }
        if status.isOpenToOthers {
            return .warning(name, "\(folder.path) is open to other users", "chmod 700 \(folder.path)")
        }
        let bare = [folder.database, folder.key].filter { FileStatus(of: $0)?.isOpenToOthers == true }
        guard bare.isEmpty else {
            let files = bare.joined(separator: " ")
            return .failed(name, "\(files) can be read by other users", "chmod 600 \(files)")
        }
        if DataDirectory.exists(folder.database), FileStatus(of: folder.key)?.size != 32 {
            return .failed(
                name,
                "\(folder.key) is not a key of 32 bytes",
                "restore a backup: a new key makes all tokens and webhook secrets void"
            )
        }
        guard holder.isHeld else { return .ok(name, "\(folder.path), no agent has it") }
        return .ok(name, folder.path + ", an agent has it" + (holder.process.map { " (process \($0))" } ?? ""))
    }

    private func stored(_ holder: FolderHolder) async -> [Finding] {
        do {
            let file = try StoreFile(path: folder.database)
            defer { try? file.close() }
            let size = FileStatus(of: folder.database)?.size ?? 0
            let isWhole = isDeep || size <= Store.quicklyChecked
            if isWhole { try file.check(thoroughly: isDeep) }
            // A log that is being written has an end that is not there yet.
            if !holder.isHeld { try Store.checkLog(of: folder.database) }
            let rows = try StoreFile.Kind.allCases.map { "\(try file.count($0)) \($0.rawValue)" }
            let pending = try file.pendingMigrations()
            var seen = "\(size) bytes, \(rows.joined(separator: ", "))"
            if !isWhole { seen += "; too large to be looked at quickly, --deep does" }
            if pending > 0 { seen += "; the next start brings it up to date" }
            return [.ok("database", seen), try await contents(file), clock(try file.newestTime())]
        } catch let fault as StoreFault {
            let stop = Stop(fault, path: folder.database)
            return [.failed("database", stop.message, "`invoke-agent admin restore` makes a folder from a backup")]
        } catch {
            return [.failed("database", "\(error)", "run as the folder's owner")]
        }
    }

    /// Whether what the database names is there; a few contents, or all, are measured.
    private func contents(_ file: StoreFile) async throws -> Finding {
        let store = FileContentStore(reading: folder.contents)
        var (number, examined): (Int, Int) = (0, 0)
        var bad: [Hex32] = []
        for byte in (0...UInt8.max).shuffled() {
            for (place, hash) in try file.contents(beginningWith: byte).enumerated() {
                number += 1
                if isDeep || place == 0 && examined < Self.measured {
                    examined += 1
                    guard case .whole = try await store.examine(hash) else {
                        bad.append(hash)
                        continue
                    }
                } else if store.path(of: hash) == nil {
                    bad.append(hash)
                }
            }
        }
        guard bad.isEmpty else {
            return .failed(
                "contents",
                "\(bad.count) of \(number) are damaged or not there: \(bad.shortList)",
                "copy them from a backup: its folder `contents` has the same names"
            )
        }
        return .ok("contents", "\(number) are there, \(examined) of them measured")
    }

    /// How many contents are measured when not all are.
    private static let measured = 16

    private func clock(_ newest: Date?) -> Finding {
        let (now, text) = (Date(), Date().formatted(.iso8601))
        guard now > Date(timeIntervalSince1970: 1_735_689_600) else {
            return .failed("clock", "it says \(text)", "set it: timedatectl set-ntp true")
        }
        // The agent's own time goes on evenly when the machine's clock is set back.
        guard let newest, newest > now.addingTimeInterval(60) else { return .ok("clock", text) }
        return .warning(
            "clock",
            "it says \(text), but the database has a record of \(newest.formatted(.iso8601))",
            "set it: timedatectl set-ntp true; then start the agent again"
        )
    }
}
