import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent purchase settle`.
struct PurchaseSettleCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Say that a purchase of your listing is paid: from now on it is a purchase token.",
        discussion: """
            Example:
              invoke-agent purchase settle PURCHASE
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The purchase's id.") var purchase: String

    func run(_ agent: AgentClient) async throws {
        Printer(output, .purchase).print(try await agent.changePurchase(purchase, ["payment": "settled"]))
    }
}
