import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent purchase refund`.
struct PurchaseRefundCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund",
        abstract: "Say that a purchase has been paid back: it pays for nothing any more.",
        discussion: """
            Example:
              invoke-agent purchase refund PURCHASE
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The purchase's id.") var purchase: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .purchase).print(try await agent.changePurchase(purchase, ["payment": "refunded"]))
    }
}
