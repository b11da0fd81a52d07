import Foundation
import GRDB
package import InvokeModel

/// A purchase about to be made.
package struct NewPurchase: Sendable {
    package let id: Hex32
    package let listing: Hex32
    package let info: JSON
    package let agreement: JSON?
    package let status: PurchaseStatus
    /// Uses that it pays for; nil for any number.
    package let uses: Int?

    package init(id: Hex32, listing: Hex32, info: JSON, agreement: JSON?, status: PurchaseStatus, uses: Int?) {
        self.id = id
        self.listing = listing
        self.info = info
        self.agreement = agreement
        self.status = status
        self.uses = uses
    }
}

/// The fields of a purchase that can change; nil leaves one as it is.
package struct PurchaseChange: Sendable {
    package var info: JSON?
    package var agreement: JSON?
    package var status: PurchaseStatus?
    package var payment: Payment?

    package init(
        info: JSON? = nil,
        agreement: JSON? = nil,
        status: PurchaseStatus? = nil,
        payment: Payment? = nil
    ) {
        self.info = info
        self.agreement = agreement
        self.status = status
        self.payment = payment
    }
}

extension Store {
    /// - Throws: `conflict` when the proposed id is taken.
    package func createPurchase(_ purchase: NewPurchase, buyer: Int64) async throws -> Purchase {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO purchases (public_id, listing_id, buyer_id, info, agreement, status, payment, uses_left,
                        created_at, updated_at)
                    SELECT ?, id, ?, ?, ?, ?, 'none', ?, ?, ? FROM listings WHERE public_id = ?
                    ON CONFLICT (public_id) DO NOTHING
                    """,
                arguments: [
                    Data(purchase.id.bytes), buyer, purchase.info.text, purchase.agreement?.text,
                    purchase.status.rawValue, purchase.uses, now, now, Data(purchase.listing.bytes),
                ]
            )
            guard database.changesCount == 1, let record = try database.purchase(purchase.id) else {
                throw Refusal(.conflict, "The purchase id \(purchase.id) is taken; leave it out and one is drawn.")
            }
            return record
        }
    }

    package func purchase(_ id: Hex32) async throws -> Purchase? {
        try await read { try $0.purchase(id) }
    }

    /// The jobs that a purchase has paid for and that are still kept, newest first: at most 100.
    package func uses(of purchase: Purchase) async throws -> [PurchaseUse] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT jobs.id, jobs.state, jobs.created_at FROM purchase_uses
                    JOIN jobs ON jobs.id = purchase_uses.job_id
                    WHERE purchase_uses.purchase_id = ? ORDER BY jobs.id DESC LIMIT 100
                    """,
                arguments: [purchase.rowID]
            ).map { row in
                guard let state = JobState(rawValue: row["state"]) else { throw StoreFault.unreadable("job") }
                return PurchaseUse(
                    job: JobID(value: row["id"]),
                    state: state,
                    at: Date(milliseconds: row["created_at"])
                )
            }
        }
    }

    /// The purchases that an account made, and those of its listings; newest first.
    package func purchases(of account: Int64, from: Int, size: Int) async throws -> [Purchase] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Purchase.selection + """
                     WHERE purchases.buyer_id = :account OR listings.owner_id = :account
                    ORDER BY purchases.id DESC LIMIT :size OFFSET :from
                    """,
                arguments: ["account": account, "size": size, "from": from]
            ).map(Purchase.init(row:))
        }
    }

    /// The buyer's purchases of an asset that are settled, oldest first: the ones that may pay for a use of it.
    package func settledPurchases(of asset: AssetID, by buyer: Int64) async throws -> [Purchase] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Purchase.selection + """
                     WHERE purchases.buyer_id = ? AND listings.asset_id = ? AND payment = 'settled'
                        AND purchases.status != 'wishlist' AND (uses_left IS NULL OR uses_left > 0)
                    ORDER BY purchases.id
                    """,
                arguments: [buyer, Data(asset.bytes)]
            ).map(Purchase.init(row:))
        }
    }

    package func changePurchase(_ id: Hex32, _ change: PurchaseChange) async throws -> Purchase? {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    UPDATE purchases SET info = coalesce(?, info), agreement = coalesce(?, agreement),
                        status = coalesce(?, status), payment = coalesce(?, payment), updated_at = ?
                    WHERE public_id = ?
                    """,
                arguments: [
                    change.info?.text, change.agreement?.text, change.status?.rawValue, change.payment?.rawValue, now,
                    Data(id.bytes),
                ]
            )
            return try database.purchase(id)
        }
    }
}

extension Database {
    fileprivate func purchase(_ id: Hex32) throws -> Purchase? {
        try Row.fetchOne(
            self,
            sql: Purchase.selection + " WHERE purchases.public_id = ?",
            arguments: [Data(id.bytes)]
        ).map(Purchase.init(row:))
    }
}

extension Purchase {
    fileprivate static let selection = """
        SELECT purchases.*, buyers.public_id AS buyer_public_id, buyers.username AS buyer_name,
            listings.public_id AS listing_public_id, listings.asset_id, listings.status AS listing_status,
            listings.owner_id AS seller_id, sellers.public_id AS seller_public_id, sellers.username AS seller_name
        FROM purchases JOIN accounts AS buyers ON buyers.id = purchases.buyer_id
        JOIN listings ON listings.id = purchases.listing_id
        JOIN accounts AS sellers ON sellers.id = listings.owner_id
        """

    fileprivate init(row: Row) throws {
        guard let status = PurchaseStatus(rawValue: row["status"]), let payment = Payment(rawValue: row["payment"]),
            let listingStatus = ListingStatus(rawValue: row["listing_status"])
        else { throw StoreFault.unreadable("purchase") }
        self.init(
            rowID: row["id"],
            id: try Hex32(stored: row["public_id"]),
            listing: try Hex32(stored: row["listing_public_id"]),
            asset: try AssetID(stored: row["asset_id"]),
            listingStatus: listingStatus,
            seller: row["seller_id"],
            sellerID: try AccountID(stored: row["seller_public_id"]),
            sellerName: row["seller_name"],
            buyer: row["buyer_id"],
            buyerID: try AccountID(stored: row["buyer_public_id"]),
            buyerName: row["buyer_name"],
            info: try JSON(stored: row["info"]),
            agreement: try (row["agreement"] as String?).map(JSON.init(stored:)),
            status: status,
            payment: payment,
            usesLeft: row["uses_left"],
            createdAt: Date(milliseconds: row["created_at"]),
            updatedAt: Date(milliseconds: row["updated_at"])
        )
    }
}
