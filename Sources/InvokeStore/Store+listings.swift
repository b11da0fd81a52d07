import Foundation
import GRDB
package import InvokeModel

/// A listing about to be made.
package struct NewListing: Sendable {
    package let id: Hex32
    package let asset: AssetID
    package let info: JSON
    package let agreement: JSON?
    package let status: ListingStatus
    package let trustLevel: Int

    package init(
        id: Hex32,
        asset: AssetID,
        info: JSON,
        agreement: JSON?,
        status: ListingStatus,
        trustLevel: Int = 0
    ) {
        self.id = id
        self.asset = asset
        self.info = info
        self.agreement = agreement
        self.status = status
        self.trustLevel = trustLevel
    }
}

/// The fields of a listing that its owner may change; nil leaves one as it is.
package struct ListingChange: Sendable {
    package var info: JSON?
    package var agreement: JSON?
    package var status: ListingStatus?
    package var trustLevel: Int?

    package init(info: JSON? = nil, agreement: JSON? = nil, status: ListingStatus? = nil, trustLevel: Int? = nil) {
        self.info = info
        self.agreement = agreement
        self.status = status
        self.trustLevel = trustLevel
    }
}

/// Which listings a page holds.
package struct ListingFilter: Sendable {
    /// This user's own; nil for everybody's.
    package var owner: Int64?
    /// Only published ones.
    package var isPublished: Bool
    package var from: Int
    package var size: Int

    package init(owner: Int64?, isPublished: Bool, from: Int, size: Int) {
        self.owner = owner
        self.isPublished = isPublished
        self.from = from
        self.size = size
    }
}

extension Store {
    /// - Throws: `conflict` when the proposed id is taken.
    package func createListing(_ listing: NewListing, owner: Int64) async throws -> Listing {
        let now = now.milliseconds
        return try await write { database in
            try database.insert(listing, owner: owner, now: now)
            guard let record = try database.listing(listing.id) else { throw StoreFault.unreadable("listing") }
            return record
        }
    }

    package func listing(_ id: Hex32) async throws -> Listing? {
        try await read { try $0.listing(id) }
    }

    /// Newest first.
    package func listings(_ filter: ListingFilter) async throws -> [Listing] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Listing.selection + """
                     WHERE (:owner IS NULL OR listings.owner_id = :owner)
                        AND (NOT :published OR status = 'published')
                    ORDER BY listings.id DESC LIMIT :size OFFSET :from
                    """,
                arguments: [
                    "owner": filter.owner, "published": filter.isPublished, "size": filter.size, "from": filter.from,
                ]
            ).map(Listing.init(row:))
        }
    }

    /// What those of the assets are called, and what they are, that an account may see.
    package func offered(_ assets: Set<AssetID>, to account: Account?) async throws -> [AssetID: OfferedAsset] {
        guard !assets.isEmpty else { return [:] }
        return try await read { database in
            let statement = try database.makeStatement(
                sql: "SELECT name, type FROM assets WHERE asset_id = :asset AND \(Asset.isVisible)"
            )
            var offered: [AssetID: OfferedAsset] = [:]
            for asset in assets {
                let arguments: StatementArguments = ["asset": Data(asset.bytes)]
                let row = try Row.fetchOne(statement, arguments: arguments + Asset.reader(account))
                offered[asset] = row.map { OfferedAsset(name: $0["name"], type: $0["type"]) }
            }
            return offered
        }
    }

    package func changeListing(_ id: Hex32, _ change: ListingChange) async throws -> Listing? {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    UPDATE listings SET info = coalesce(?, info), agreement = coalesce(?, agreement),
                        status = coalesce(?, status), trust_level = coalesce(?, trust_level), updated_at = ?
                    WHERE public_id = ?
                    """,
                arguments: [
                    change.info?.text, change.agreement?.text, change.status?.rawValue, change.trustLevel, now,
                    Data(id.bytes),
                ]
            )
            return try database.listing(id)
        }
    }

    /// The offers of an asset, published ones first. Those that an admin has suspended are among them: nobody can buy by
    /// them, but what they ask for is not free meanwhile.
    package func offers(of asset: AssetID) async throws -> [Listing] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Listing.selection + " WHERE listings.asset_id = ? AND status != 'unpublished' ORDER BY status",
                arguments: [Data(asset.bytes)]
            ).map(Listing.init(row:))
        }
    }
}

extension Database {
    fileprivate func listing(_ id: Hex32) throws -> Listing? {
        try Row.fetchOne(
            self,
            sql: Listing.selection + " WHERE listings.public_id = ?",
            arguments: [Data(id.bytes)]
        ).map(Listing.init(row:))
    }

    fileprivate func insert(_ listing: NewListing, owner: Int64, now: Int64) throws {
        try execute(
            sql: """
                INSERT INTO listings (public_id, asset_id, owner_id, info, agreement, status, trust_level, created_at,
                    updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (public_id) DO NOTHING
                """,
            arguments: [
                Data(listing.id.bytes), Data(listing.asset.bytes), owner, listing.info.text, listing.agreement?.text,
                listing.status.rawValue, listing.trustLevel, now, now,
            ]
        )
        guard changesCount == 1 else {
            throw Refusal(.conflict, "The listing id \(listing.id) is taken; leave it out and one is drawn.")
        }
    }

    /// Makes the provider's own listing of an operation say what its definition says.
    func publish(_ listing: NewListing?, of asset: AssetID, owner: Int64, now: Int64) throws {
        let present = try Data.fetchOne(
            self,
            sql: "SELECT public_id FROM listings WHERE asset_id = ? AND owner_id = ? AND status = 'published'",
            arguments: [Data(asset.bytes), owner]
        )
        switch (listing, present) {
        case (let listing?, let present?):
            try execute(
                sql: "UPDATE listings SET info = ?, agreement = ?, updated_at = ? WHERE public_id = ?",
                arguments: [listing.info.text, listing.agreement?.text, now, present]
            )
        case (let listing?, nil):
            try insert(listing, owner: owner, now: now)
        case (nil, let present?):
            try execute(
                sql: "UPDATE listings SET status = 'unpublished', updated_at = ? WHERE public_id = ?",
                arguments: [now, present]
            )
        case (nil, nil): break
        }
    }
}

extension Listing {
    fileprivate static let selection = """
        SELECT listings.*, accounts.public_id AS owner_public_id, accounts.username AS owner_name FROM listings
        JOIN accounts ON accounts.id = listings.owner_id
        """

    fileprivate init(row: Row) throws {
        guard let status = ListingStatus(rawValue: row["status"]) else { throw StoreFault.unreadable("listing") }
        self.init(
            id: try Hex32(stored: row["public_id"]),
            asset: try AssetID(stored: row["asset_id"]),
            owner: row["owner_id"],
            ownerID: try AccountID(stored: row["owner_public_id"]),
            ownerName: row["owner_name"],
            info: try JSON(stored: row["info"]),
            agreement: try (row["agreement"] as String?).map(JSON.init(stored:)),
            status: status,
            trustLevel: row["trust_level"],
            createdAt: Date(milliseconds: row["created_at"]),
            updatedAt: Date(milliseconds: row["updated_at"])
        )
    }
}

extension JSON {
    /// Reads what the store itself wrote.
    init(stored text: String) throws {
        let limits = JSONLimits(depth: 64, nodes: .max, keyBytes: .max)
        do { try self.init(parsing: text, limits: limits) } catch { throw StoreFault.unreadable("JSON text") }
    }
}
