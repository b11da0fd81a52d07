import ArgumentParser
import InvokeClient

/// `invoke-agent purchase show`.
struct PurchaseShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a purchase, and the jobs that it has paid for.",
        discussion: """
            Example:
              invoke-agent purchase show PURCHASE --output json
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The purchase's id.") var purchase: String

    func run(_ agent: AgentClient) async throws { Printer(output, .purchase).print(try await agent.purchase(purchase)) }
}
