import ArgumentParser
import InvokeClient
import InvokeModel
import OrderedCollections

/// `invoke-agent listing create`.
struct ListingCreateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Offer an asset for a price.",
        discussion: """
            Example:
              invoke-agent listing create ASSET --price 0.50 --currency OCEAN
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The DID or id of an asset of yours.") var asset: String
    @Option(help: "What a use costs, as decimal text.") var price: String
    @Option(help: "The unit of the price.") var currency: String
    @Option(help: "How many uses a purchase pays for. (default: any number)") var uses: Int?

    func run(_ agent: AgentClient) async throws {
        var agreement: OrderedDictionary<String, JSON> = ["price": .string(price), "currency": .string(currency)]
        agreement["uses"] = uses.map { .number(JSONNumber($0)) }
        let id = DID(asset)?.asset?.description ?? asset
        let document: JSON = ["assetid": .string(id), "agreement": .object(agreement), "status": "published"]
        Printer(output, .listing).print(try await agent.createListing(document))
    }
}
