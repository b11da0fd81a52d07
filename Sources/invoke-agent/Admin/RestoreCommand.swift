import ArgumentParser
import Foundation
import InvokeCommands
import InvokeModel
import InvokeWire

/// `invoke-agent admin restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a data folder from a backup.",
        discussion: """
            Everything is checked by its hash before the folder is an agent's; a restore that is cut off leaves none, \
            and is simply run again. Jobs that ran at the moment of the backup are treated as after a crash.

            Exit codes: 65 when the backup is damaged, 73 when the folder holds a database already or can't be written, \
            75 when an agent is running on it.

            Example:
              invoke-agent admin restore --data-dir /var/lib/invoke-agent \\
                /var/backups/invoke-agent
            """
    )

    @Argument(help: "The folder of the backup.")
    var backup: String

    @Flag(help: "Restore the rest when contents of the backup are damaged or not there.")
    var withoutDamaged = false

    @OptionGroup(title: "Output")
    var output: OutputOptions

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        try await Stop.reported {
            let target = DataDirectory(try await source.settings().dataDirectory)
            let report = try await Restoration(
                source: BackupFolder(backup),
                target: target,
                acceptsDamage: withoutDamaged,
                progress: ProgressLine()
            ).make()
            Printer(output, .restored).print(report.json(target))
        }
    }
}

extension View {
    fileprivate static let restored = View(
        id: "data_dir",
        Column("Data folder", "data_dir"),
        Column("Moment", "time"),
        Column("Rows", "rows"),
        Column("Contents", "contents"),
        Column("Missing", "missing")
    )
}

extension Restoration.Report {
    fileprivate func json(_ target: DataDirectory) -> JSON {
        [
            "data_dir": .string(target.path), "time": JSON(time: manifest.time), "rows": manifest.json["rows"] ?? [:],
            "contents": .number(JSONNumber(contents)), "missing": .array(missing.map { .string($0.description) }),
        ]
    }
}
