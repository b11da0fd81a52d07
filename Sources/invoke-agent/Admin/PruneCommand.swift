import ArgumentParser
import Foundation
import InvokeCommands
import InvokeModel
import InvokeStore
import InvokeWorkers
import Logging

/// `invoke-agent admin prune`.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove ended jobs that are older than some age from the folder of a stopped agent.",
        discussion: """
            A running agent does this by itself, by limits.keep_succeeded and limits.keep_failed, which are also what \
            holds here when nothing else is said; on its folder the command changes nothing and ends with 75. Assets \
            that jobs have made stay. A job stays too while somebody is yet to be told of its end.

            Example:
              invoke-agent admin prune --data-dir /var/lib/invoke-agent \\
                --succeeded 7d --failed 30d --dry-run
            """
    )

    @Option(help: "The age from which succeeded and cancelled jobs go, such as 12h or 7d.")
    var succeeded: Age?

    @Option(help: "The age from which failed jobs go.")
    var failed: Age?

    @Flag(help: "Only count.")
    var dryRun = false

    @OptionGroup(title: "Output")
    var output: OutputOptions

    @OptionGroup
    var source: SettingSource

    func run() async throws {
        try await Stop.reported {
            let settings = try await source.settings()
            var limits = settings.keep
            if let succeeded { limits.succeeded = succeeded.duration }
            if let failed { limits.failed = failed.duration }
            let folder = DataDirectory(settings.dataDirectory)
            let number = try await prune(folder, keeping: limits, settings.diskLowWater)
            Printer(output, View(id: "jobs", View.Column("Jobs", "jobs"), View.Column("Dry run", "dry_run")))
                .print(["jobs": .number(JSONNumber(number)), "dry_run": .bool(dryRun)])
        }
    }

    private func prune(_ folder: DataDirectory, keeping limits: KeepLimits, _ mark: DiskSpace.Mark) async throws -> Int
    {
        guard DataDirectory.exists(folder.database) else {
            throw Stop.usage("there is no database in \(folder.path); name the agent's folder with --data-dir")
        }
        do { try folder.take() } catch let stop as Stop where stop.status == 75 {
            throw Stop.alreadyRunning(
                "an agent is running on \(folder.path), and prunes by itself: "
                    + "set limits.keep_succeeded and limits.keep_failed, or stop it first"
            )
        }
        do {
            let store = try Store(path: folder.database, lowWater: mark)
            let number: Int
            if dryRun {
                number = try await store.countPrunable(keeping: limits)
            } else {
                let pruner = Pruner(store: store, keeping: limits, logger: Logger(label: "prune"), pause: .zero)
                try await pruner.sweep()
                number = try await store.figures().totals.pruned
            }
            try store.close()
            return number
        } catch let fault as StoreFault {
            throw Stop(fault, path: folder.database)
        }
    }
}

/// How old something is, as options say it: `90m`, `12h`, `7d`.
struct Age: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        if argument.hasSuffix("d"), let days = Int64(argument.dropLast()), (0...36_500).contains(days) {
            duration = .seconds(days * 24 * 3600)
        } else if let duration = Duration(text: argument) {
            self.duration = duration
        } else {
            return nil
        }
    }
}
