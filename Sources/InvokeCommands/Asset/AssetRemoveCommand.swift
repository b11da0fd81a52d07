import ArgumentParser
import InvokeClient

/// `invoke-agent asset remove`.
struct AssetRemoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove the contents of assets; their metadata and provenance stay.",
        discussion: """
            What is offered or paid for can't be removed. At a terminal you are asked first.

            Example:
              invoke-agent asset remove DRAFT --yes
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The assets' DIDs or ids.") var assets: [String]
    @Flag(help: "Don't ask.") var yes = false

    func run(_ agent: AgentClient) async throws {
        for asset in assets {
            guard yes || !Terminal.canAsk || Terminal.confirms("Remove the content of \(asset)?") else { continue }
            try await agent.removeContent(of: asset)
        }
    }
}
