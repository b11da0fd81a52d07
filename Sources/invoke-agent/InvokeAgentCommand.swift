import ArgumentParser
import InvokeCommands

/// The one program: the agent, and commands for those who deal with one.
@main
struct InvokeAgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoke-agent",
        abstract: "A compute job broker: providers sell operations, consumers run them on their data.",
        version: agentVersion,
        subcommands: [CompletionCommand.self],
        groupedSubcommands: Commands.groups + [
            CommandGroup(
                name: "Operator",
                subcommands: [ServeCommand.self, AdminCommand.self, ConfigCommand.self]
            )
        ]
    )
}

/// The version of this program (Semantic Versioning).
let agentVersion = "0.1.0"
