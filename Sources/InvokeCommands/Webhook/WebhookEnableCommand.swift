import ArgumentParser
import InvokeClient

/// `invoke-agent webhook enable`.
struct WebhookEnableCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Enable a webhook that was disabled.",
        discussion: """
            Example:
              invoke-agent webhook enable WEBHOOK
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The webhook's id.") var webhook: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .webhook).print(try await agent.change(.enable, webhook: webhook))
    }
}
