import ArgumentParser
import InvokeClient

/// `invoke-agent account list`.
struct AccountListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the accounts; for admins.",
        discussion: """
            Example:
              invoke-agent account list
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions

    func run(_ agent: AgentClient) async throws {
        try await Printer(output, .account).print(agent.accounts(pageSize: page.size), page)
    }
}
