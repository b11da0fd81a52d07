import ArgumentParser
import InvokeClient

/// `invoke-agent purchase list`.
struct PurchaseListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List your purchases and those of your listings, newest first.",
        discussion: """
            Example:
              invoke-agent purchase list
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions

    func run(_ agent: AgentClient) async throws {
        Printer(output, .purchase).print(try await agent.purchases(atMost: page.limit))
    }
}
