import ArgumentParser
import InvokeClient

/// `invoke-agent webhook list`.
struct WebhookListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List your webhooks.",
        discussion: """
            Example:
              invoke-agent webhook list
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions

    func run(_ agent: AgentClient) async throws {
        try await Printer(output, .webhook).print(agent.webhooks(pageSize: page.size), page)
    }
}
