import ArgumentParser

/// `invoke-agent admin`: what an operator does on the agent's own machine.
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Back up, restore, examine and prune an agent's data, on its own machine.",
        subcommands: [BackupCommand.self, RestoreCommand.self, DoctorCommand.self, PruneCommand.self]
    )
}
