import ArgumentParser
import InvokeClient

/// `invoke-agent service remove`.
struct ServiceRemoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Retire services: nobody can run them any more, their jobs and results stay.",
        discussion: """
            Example:
              invoke-agent service remove hash
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The services' names.") var services: [String]

    func run(_ agent: AgentClient) async throws {
        for service in services { try await agent.removeService(service) }
    }
}
