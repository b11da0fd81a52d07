import ArgumentParser
import InvokeClient

/// `invoke-agent account remove`.
struct AccountRemoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove accounts: their credentials stop working; for admins.",
        discussion: """
            Example:
              invoke-agent account remove ada
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The accounts' names.") var accounts: [String]

    func run(_ agent: AgentClient) async throws { for account in accounts { try await agent.removeAccount(account) } }
}
