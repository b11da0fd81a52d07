import ArgumentParser
import InvokeClient

/// `invoke-agent service register`.
struct ServiceRegisterCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Register a service by its definition.",
        discussion: """
            Example:
              invoke-agent service register examples/hash/service.yaml
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: ArgumentHelp("The definition, YAML or JSON; - for standard input.", valueName: "file"))
    var file: String

    func run(_ agent: AgentClient) async throws {
        try Registration(try await agent.registerService(DefinitionFile(file).bytes)).print(output)
    }
}
