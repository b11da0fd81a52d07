import ArgumentParser
import InvokeClient

/// `invoke-agent webhook deliveries`.
struct WebhookDeliveriesCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "List what was sent, newest first.",
        discussion: """
            Example:
              invoke-agent webhook deliveries WEBHOOK --state dead
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The webhook's id.") var webhook: String
    @Option(help: "Only pending, delivered or dead ones.") var state: String?

    func run(_ agent: AgentClient) async throws {
        try await Printer(output, .delivery).print(
            agent.deliveries(ofWebhook: webhook, state: state, pageSize: page.size),
            page
        )
    }
}
