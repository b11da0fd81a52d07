import ArgumentParser
import Foundation
import InvokeStore

/// `invoke-agent serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the agent until it is told to stop.",
        discussion: """
            Every option can also be set in the environment (INVOKE_AGENT_DATA_DIR for --data-dir) or in the YAML file \
            of --config (data_dir); an option wins over the environment, and that over the file.

            The first line on standard output tells where the agent is, as JSON. Logs go to standard error. The first \
            start makes an admin account; its password is printed once and kept in <data-dir>/admin-password.

            Example:
              invoke-agent serve --data-dir /var/lib/invoke-agent --port 8191
            """
    )

    @Option(help: "A YAML file with settings.")
    var config: String?

    @OptionGroup(title: "Settings")
    var options: SettingOptions

    func run() async throws {
        do {
            let settings = try await Settings(flags: options.given, file: config)
            try await Wiring(settings).serve()
        } catch {
            let stop = error as? Stop ?? .internalFault("\(error)")
            FileHandle.standardError.write(Data("invoke-agent: \(stop.message)\n".utf8))
            throw ExitCode(stop.status)
        }
    }
}

/// Why the agent can't start or go on, for the operator; the status is what the program ends with.
struct Stop: Error {
    let status: Int32
    let message: String

    static func damagedDatabase(_ message: String) -> Stop { Stop(status: 65, message: message) }
    static func internalFault(_ message: String) -> Stop { Stop(status: 70, message: message) }
    static func folderNotWritable(_ message: String) -> Stop { Stop(status: 73, message: message) }
    static func alreadyRunning(_ message: String) -> Stop { Stop(status: 75, message: message) }
    static func badConfiguration(_ message: String) -> Stop { Stop(status: 78, message: message) }
}

extension Stop {
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
        }
    }
}
