import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent asset list`.
struct AssetListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the assets that you may see, newest first.",
        discussion: """
            Example:
              invoke-agent asset list --type dataset --limit 20
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only assets of this type, such as dataset, operation or bundle.") var type: String?
    @Option(help: "Only assets of this name.") var name: String?

    func run(_ agent: AgentClient) async throws {
        let filter = [("type", type), ("name", name)].compactMap { name, value in value.map { (name: name, value: $0) }
        }
        Printer(output, .asset).print(try await agent.assets(filter, atMost: page.limit))
    }
}
