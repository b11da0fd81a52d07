package import struct Foundation.Date

/// How visible a listing is.
package enum ListingStatus: String, Sendable, CaseIterable {
    case unpublished, published, suspended
}

/// A published or planned offer of an asset.
package struct Listing: Sendable {
    package let id: Hex32
    package let asset: AssetID
    package let owner: Int64
    package let ownerID: AccountID
    package let ownerName: String
    /// Whatever the owner tells of it: an object.
    package let info: JSON
    /// The terms; `price` and `currency` in it are what a use costs, `uses` how many uses a purchase pays for.
    package let agreement: JSON?
    package let status: ListingStatus
    package let trustLevel: Int
    package let createdAt: Date
    package let updatedAt: Date

    package init(
        id: Hex32,
        asset: AssetID,
        owner: Int64,
        ownerID: AccountID,
        ownerName: String,
        info: JSON,
        agreement: JSON?,
        status: ListingStatus,
        trustLevel: Int,
        createdAt: Date,
        updatedAt: Date
    ) {
        self.id = id
        self.asset = asset
        self.owner = owner
        self.ownerID = ownerID
        self.ownerName = ownerName
        self.info = info
        self.agreement = agreement
        self.status = status
        self.trustLevel = trustLevel
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What a purchase costs; nil when the agreement names no price.
    package var price: Price? {
        let amount = agreement?["price"].flatMap { $0.string ?? $0.number?.text }
        return amount.map { Price(amount: $0, currency: agreement?["currency"]?.string ?? "") }
    }

    /// How many uses one purchase pays for; nil for any number.
    package var usesPerPurchase: Int? { agreement?["uses"]?.int }
}

/// What a listing, or a purchase of it, tells of the asset that is offered.
package struct OfferedAsset: Sendable {
    package let name: String?
    package let type: String

    package init(name: String?, type: String) {
        self.name = name
        self.type = type
    }
}
