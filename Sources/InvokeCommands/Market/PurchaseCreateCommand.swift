import ArgumentParser
import InvokeClient

/// `invoke-agent purchase create`.
struct PurchaseCreateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Order what a listing offers.",
        discussion: """
            It pays for nothing until the seller has settled it.

            Example:
              invoke-agent purchase create LISTING
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The listing's id.") var listing: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .purchase).print(try await agent.createPurchase(ofListing: listing))
    }
}
