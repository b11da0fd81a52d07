import ArgumentParser
import InvokeClient

/// `invoke-agent token revoke`.
struct TokenRevokeCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End tokens: they work no more.",
        discussion: """
            Example:
              invoke-agent token revoke TOKEN
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The tokens.") var tokens: [String]

    func run(_ agent: AgentClient) async throws {
        for token in tokens { try await agent.revokeToken(token) }
    }
}
