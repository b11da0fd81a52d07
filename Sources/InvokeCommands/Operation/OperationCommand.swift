import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent operation`: what can be run.
struct OperationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation",
        abstract: "Find out what can be run.",
        subcommands: [OperationListCommand.self, OperationShowCommand.self]
    )
}
