import ArgumentParser
import Foundation
import InvokeStore

/// Why the agent can't start or go on, or a command can't do its work, for the operator; the status is what the program
/// ends with.
struct Stop: Error {
    let status: Int32
    let message: String

    static func usage(_ message: String) -> Stop { Stop(status: 64, message: message) }
    static func damagedDatabase(_ message: String) -> Stop { Stop(status: 65, message: message) }
    static func internalFault(_ message: String) -> Stop { Stop(status: 70, message: message) }
    static func folderNotWritable(_ message: String) -> Stop { Stop(status: 73, message: message) }
    static func alreadyRunning(_ message: String) -> Stop { Stop(status: 75, message: message) }
    static func badConfiguration(_ message: String) -> Stop { Stop(status: 78, message: message) }
}

extension Stop {
    /// Runs a command, and ends the program with the reason on standard error when it can't do its work.
    static func reported(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch {
            let stop = error as? Stop ?? .internalFault("\(error)")
            FileHandle.standardError.write(Data("invoke-agent: \(stop.message)\n".utf8))
            throw ExitCode(stop.status)
        }
    }

    init(_ fault: StoreFault, path: String) {
        switch fault {
        case .damaged(_, let reason):
            self = .damagedDatabase("\(path) is damaged (\(reason)). Restore it from a backup; nothing was changed.")
        case .foreign:
            self = .damagedDatabase(
                "\(path) is not a database of invoke-agent. Choose another --data-dir; nothing was changed."
            )
        case .newer:
            self = .damagedDatabase(
                "\(path) was written by a later version of invoke-agent. Start that version; nothing was changed."
            )
        case .notDurable(let reason):
            self = .internalFault("\(path) can't be made durable: \(reason).")
        case .unreadable(let what):
            self = .damagedDatabase("\(path) holds an unreadable \(what). Restore it from a backup.")
        case .notCopied(let path, let reason):
            self = .folderNotWritable("\(path) can't be written: \(reason).")
        }
    }
}
