import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent listing`: what is offered.
struct ListingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listing",
        abstract: "Offer assets and operations, and see what is offered.",
        subcommands: [
            ListingListCommand.self, ListingShowCommand.self, ListingCreateCommand.self, ListingPublishCommand.self,
            ListingUnpublishCommand.self,
        ]
    )
}

extension View {
    static let listing = View(
        id: "id",
        Column("Listing", "id"),
        Column("Status", "status"),
        Column("Price", "agreement.price"),
        Column("Currency", "agreement.currency"),
        Column("Asset", "assetid")
    )
}
