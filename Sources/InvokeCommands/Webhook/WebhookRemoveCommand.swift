import ArgumentParser
import InvokeClient

/// `invoke-agent webhook remove`.
struct WebhookRemoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove webhooks.",
        discussion: """
            Example:
              invoke-agent webhook remove WEBHOOK
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The webhooks' ids.") var webhooks: [String]

    func run(_ agent: AgentClient) async throws { for webhook in webhooks { try await agent.removeWebhook(webhook) } }
}
