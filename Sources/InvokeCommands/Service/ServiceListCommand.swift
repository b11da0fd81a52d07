import ArgumentParser
import InvokeClient

/// `invoke-agent service list`.
struct ServiceListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the services, oldest first.",
        discussion: """
            Example:
              invoke-agent service list
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions

    func run(_ agent: AgentClient) async throws {
        try await Printer(output, .service).print(agent.services(pageSize: page.size), page)
    }
}
