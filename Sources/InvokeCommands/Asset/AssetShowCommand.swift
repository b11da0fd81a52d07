import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent asset show`.
struct AssetShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the metadata of an asset.",
        discussion: """
            Example:
              invoke-agent asset show did:dep:AGENT/ASSET --output json
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The asset's DID or id.") var asset: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .wholeAsset).print(try await agent.metadata(of: asset))
    }
}

extension View {
    static let wholeAsset = View(
        id: "contentHash",
        Column("Name", "name"),
        Column("Type", "type"),
        Column("Content", "contentType"),
        Column("Size", "size"),
        Column("Created", "dateCreated"),
        Column("SHA3-256", "contentHash"),
        Column("Description", "description")
    )
}
