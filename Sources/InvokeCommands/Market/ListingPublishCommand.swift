import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent listing publish`.
struct ListingPublishCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Offer what a listing names again.",
        discussion: """
            Example:
              invoke-agent listing publish LISTING
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The listing's id.") var listing: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .listing).print(try await agent.changeListing(listing, ["status": "published"]))
    }
}
