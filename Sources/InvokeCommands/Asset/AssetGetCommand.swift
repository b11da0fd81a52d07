import ArgumentParser
import Foundation
import InvokeClient

/// `invoke-agent asset get`.
struct AssetGetCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Download the content of an asset.",
        discussion: """
            What arrives is checked against the asset's hash; a file is there only once all of it is.

            Examples:
              invoke-agent asset get did:dep:AGENT/ASSET
              invoke-agent asset get did:dep:AGENT/ASSET --file model.json
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The asset's DID or id.") var asset: String
    @Option(name: [.customShort("f"), .long], help: "Where to write it. (default: standard output)")
    var file: String?

    func run(_ agent: AgentClient) async throws {
        let progress = ProgressLine()
        defer { progress.clear() }
        guard let file, file != "-" else {
            return try await agent.download(asset) { FileHandle.standardOutput.write(Data($0)) }
        }
        try await agent.download(asset, to: file) { progress.show($0, of: file) }
    }
}
