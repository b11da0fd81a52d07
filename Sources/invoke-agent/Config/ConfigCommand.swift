import ArgumentParser

/// `invoke-agent config`: what the agent goes by.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the configuration.",
        subcommands: [ShowConfigCommand.self]
    )
}
