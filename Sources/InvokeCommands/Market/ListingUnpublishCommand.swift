import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent listing unpublish`.
struct ListingUnpublishCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpublish",
        abstract: "Offer it no more; what is paid stays paid.",
        discussion: """
            Example:
              invoke-agent listing unpublish LISTING
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The listing's id.") var listing: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .listing).print(try await agent.changeListing(listing, ["status": "unpublished"]))
    }
}
