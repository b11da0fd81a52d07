import ArgumentParser
import InvokeClient

/// `invoke-agent service update`.
struct ServiceUpdateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Put a new definition in the place of a service's present one.",
        discussion: """
            An operation that has not changed keeps its DID.

            Example:
              invoke-agent service update examples/hash/service.yaml
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: ArgumentHelp("The definition, YAML or JSON; - for standard input.", valueName: "file"))
    var file: String

    func run(_ agent: AgentClient) async throws {
        let definition = try DefinitionFile(file)
        try Registration(try await agent.updateService(definition.name, definition.bytes)).print(output)
    }
}
