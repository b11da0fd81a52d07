import ArgumentParser
import InvokeClient

/// `invoke-agent operation list`.
struct OperationListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the operations that can be run, oldest first.",
        discussion: """
            Examples:
              invoke-agent operation list
              invoke-agent operation list --output id
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions

    func run(_ agent: AgentClient) async throws {
        try await Printer(output, .operation).print(agent.operations(pageSize: page.size), page)
    }
}
