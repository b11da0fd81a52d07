import ArgumentParser
import InvokeClient

/// `invoke-agent webhook rotate`.
struct WebhookRotateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Draw a new secret; the old one signs beside it for a day.",
        discussion: """
            Example:
              invoke-agent webhook rotate WEBHOOK
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The webhook's id.") var webhook: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .webhook).print(try await agent.change(.rotate, webhook: webhook))
    }
}
