import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent asset provenance`.
struct AssetProvenanceCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "provenance",
        abstract: "Tell what an asset was made from, or what was made from it.",
        discussion: """
            A line for each step, nearest first; --output json gives the whole PROV-JSON document.

            Example:
              invoke-agent asset provenance did:dep:AGENT/ASSET
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The asset's DID or id.") var asset: String
    @Option(help: "up: what it was made from; down: what was made from it.") var direction: String = "up"
    @Option(help: "How many steps to go.") var depth: Int = 10

    func run(_ agent: AgentClient) async throws {
        let document = try await agent.provenance(of: asset, direction: direction, depth: depth)
        guard output.output == .table else { return Printer(output, .step).print(document) }
        Printer(output, .step).print(ProvenanceSteps(document).rows)
    }
}
