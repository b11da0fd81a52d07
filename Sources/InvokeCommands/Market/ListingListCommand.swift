import ArgumentParser
import InvokeClient

/// `invoke-agent listing list`.
struct ListingListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what is offered, newest first.",
        discussion: """
            Example:
              invoke-agent listing list
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only this account's.") var seller: String?

    func run(_ agent: AgentClient) async throws {
        Printer(output, .listing).print(try await agent.listings(of: seller, atMost: page.limit))
    }
}
