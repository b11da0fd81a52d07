import ArgumentParser
import InvokeClient

/// `invoke-agent webhook show`.
struct WebhookShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a webhook.",
        discussion: """
            Example:
              invoke-agent webhook show WEBHOOK
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The webhook's id.") var webhook: String

    func run(_ agent: AgentClient) async throws { Printer(output, .webhook).print(try await agent.webhook(webhook)) }
}
