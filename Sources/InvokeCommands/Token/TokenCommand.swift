package import ArgumentParser

/// `invoke-agent token`: what somebody needs who sells outside of the agent.
package struct TokenCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make keys, and purchase tokens that agents take.",
        subcommands: [CreateKeyCommand.self, IssuePurchaseCommand.self]
    )

    package init() {}
}

/// How a command answers.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
