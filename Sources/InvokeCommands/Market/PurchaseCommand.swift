import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent purchase`: what is ordered and paid.
struct PurchaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purchase",
        abstract: "Order what is offered, and settle what is ordered.",
        subcommands: [
            PurchaseListCommand.self, PurchaseShowCommand.self, PurchaseCreateCommand.self, PurchaseSettleCommand.self,
            PurchaseRefundCommand.self,
        ]
    )
}

extension View {
    static let purchase = View(
        id: "id",
        Column("Purchase", "id"),
        Column("Payment", "payment"),
        Column("Status", "status"),
        Column("Listing", "listingid"),
        Column("Uses left", "uses_left"),
        Column("Jobs", "uses.jobid")
    )
}
