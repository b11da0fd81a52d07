import ArgumentParser
import Foundation
import InvokeCommands
import InvokeModel
import InvokeWire
import OrderedCollections

/// `invoke-agent admin backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database, the contents and the key into a folder, also while the agent runs.",
        discussion: """
            The backup is the agent at one moment: every content that its database names is in it, checked by its hash. \
            A further backup into the same folder copies only what is new, and takes the older one's place once it is \
            whole. Keep the folder secret: who has the key can sign in as anybody.

            Exit codes: 65 when the database is damaged or contents are (all others are in the backup then), 73 when the \
            folder can't be written, 75 when another backup into it is running.

            Example:
              invoke-agent admin backup --data-dir /var/lib/invoke-agent \\
                /var/backups/invoke-agent
            """
    )

    @Argument(help: "The folder of the backup: a new or empty one, or one with an earlier backup of this agent.")
    var target: String

    @OptionGroup(title: "Output")
    var output: OutputOptions

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        try await Stop.reported {
            let settings = try await source.settings()
            let target = BackupFolder(target)
            let report = try await Backup(
                source: DataDirectory(settings.dataDirectory),
                target: target,
                agent: settings.agentID,
                progress: ProgressLine()
            ).make()
            Printer(output, .backup).print(report.json(target))
            try report.checkWhole()
        }
    }
}

extension View {
    fileprivate static let backup = View(
        id: "folder",
        Column("Backup", "folder"),
        Column("Moment", "time"),
        Column("Rows", "rows"),
        Column("Contents", "contents"),
        Column("Copied", "copied"),
        Column("Missing", "missing")
    )
}

extension Backup.Report {
    fileprivate func json(_ target: BackupFolder) -> JSON {
        guard var members = manifest.json.object else { return .null }
        members["folder"] = .string(target.path)
        members["copied"] = [
            "contents": .number(JSONNumber(copied.contents)), "bytes": .number(JSONNumber(copied.bytes)),
        ]
        return .object(members)
    }

    fileprivate func checkWhole() throws {
        guard !manifest.missing.isEmpty else { return }
        throw Stop.damagedDatabase(
            "the backup is made, without contents that are damaged or not there: \(manifest.missing.shortList)"
        )
    }
}

extension [Hex32] {
    /// The first of them, and how many more there are.
    var shortList: String {
        let named = prefix(10).map(\.description).joined(separator: ", ")
        return count > 10 ? "\(named) and \(count - 10) more" : named
    }
}
