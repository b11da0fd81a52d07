import ArgumentParser
import InvokeClient

/// `invoke-agent webhook test`.
struct WebhookTestCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a test event.",
        discussion: """
            Example:
              invoke-agent webhook test WEBHOOK
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The webhook's id.") var webhook: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .event).print(try await agent.change(.test, webhook: webhook))
    }
}
