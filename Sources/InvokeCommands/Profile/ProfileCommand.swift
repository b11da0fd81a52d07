import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent profile`: agents that the user knows by name.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Keep agents under names of your own.",
        subcommands: [
            ProfileAddCommand.self, ProfileUseCommand.self, ProfileListCommand.self, ProfileRemoveCommand.self,
        ]
    )
}
