import ArgumentParser
import InvokeClient

/// `invoke-agent listing show`.
struct ListingShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a listing.",
        discussion: """
            Example:
              invoke-agent listing show LISTING
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The listing's id.") var listing: String

    func run(_ agent: AgentClient) async throws { Printer(output, .listing).print(try await agent.listing(listing)) }
}
