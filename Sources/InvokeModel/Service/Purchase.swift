package import struct Foundation.Date

/// The buyer's own word for where a purchase stands. It proves nothing.
package enum PurchaseStatus: String, Sendable, CaseIterable {
    case wishlist, ordered, delivered
}

/// Whether a purchase is paid for: written by the seller or an admin only.
package enum Payment: String, Sendable, CaseIterable {
    case none, pending, settled, refunded
}

/// A job that a purchase has paid for.
package struct PurchaseUse: Sendable {
    package let job: JobID
    package let state: JobState
    /// When the job was accepted.
    package let at: Date

    package init(job: JobID, state: JobState, at: Date) {
        self.job = job
        self.state = state
        self.at = at
    }
}

/// Somebody's right, or wish, to use what a listing offers.
package struct Purchase: Sendable {
    package let rowID: Int64
    package let id: Hex32
    package let listing: Hex32
    package let asset: AssetID
    package let listingStatus: ListingStatus
    /// The owner of the listing.
    package let seller: Int64
    package let sellerID: AccountID
    package let sellerName: String
    package let buyer: Int64
    package let buyerID: AccountID
    package let buyerName: String
    package let info: JSON
    package let agreement: JSON?
    package let status: PurchaseStatus
    package let payment: Payment
    /// nil for any number.
    package let usesLeft: Int?
    package let createdAt: Date
    package let updatedAt: Date

    package init(
        rowID: Int64,
        id: Hex32,
        listing: Hex32,
        asset: AssetID,
        listingStatus: ListingStatus,
        seller: Int64,
        sellerID: AccountID,
        sellerName: String,
        buyer: Int64,
        buyerID: AccountID,
        buyerName: String,
        info: JSON,
        agreement: JSON?,
        status: PurchaseStatus,
        payment: Payment,
        usesLeft: Int?,
        createdAt: Date,
        updatedAt: Date
    ) {
        self.rowID = rowID
        self.id = id
        self.listing = listing
        self.asset = asset
        self.listingStatus = listingStatus
        self.seller = seller
        self.sellerID = sellerID
        self.sellerName = sellerName
        self.buyer = buyer
        self.buyerID = buyerID
        self.buyerName = buyerName
        self.info = info
        self.agreement = agreement
        self.status = status
        self.payment = payment
        self.usesLeft = usesLeft
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
