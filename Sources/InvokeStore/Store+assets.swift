package import Foundation
import GRDB
package import InvokeModel

/// Which assets a listing of them holds.
package struct AssetFilter: Sendable {
    package var type: String?
    package var name: String?
    /// Only assets older than this row: the last of the page before.
    package var before: Int64?
    /// Newest first, this many at most.
    package var limit: Int
    /// Whether the metadata is wanted: then a page ends earlier when it has too much of it.
    package var includesMetadata: Bool

    package init(
        type: String? = nil,
        name: String? = nil,
        before: Int64? = nil,
        limit: Int,
        includesMetadata: Bool
    ) {
        self.type = type
        self.name = name
        self.before = before
        self.limit = limit
        self.includesMetadata = includesMetadata
    }

    /// Bytes of metadata on a page, unless its first asset alone has more.
    package static let longestPage = 16 << 20
}

/// A part of the list of assets.
package struct AssetPage: Sendable {
    package let assets: [ListedAsset]
    package let hasMore: Bool
}

/// An asset as lists of them tell of it.
package struct ListedAsset: Sendable {
    package let row: Int64
    package let id: AssetID
    /// Empty when nobody asked for it.
    package let metadata: Data
}

/// An asset as its owner's list tells of it.
package struct OwnAsset: Sendable {
    package let row: Int64
    package let asset: Asset
    package let createdAt: Date
}

/// What became of content that was offered for an asset.
package enum ContentKept: Sendable {
    case stored, alreadyThere
    /// The asset has other content.
    case different
}

extension Store {
    /// - Returns: false when the asset was registered before.
    package func register(_ asset: NewAsset, owner: Int64?) async throws -> Bool {
        let now = now.milliseconds
        return try await write { try $0.insert(asset, owner: owner, now: now) }
    }

    package func asset(_ id: AssetID) async throws -> Asset? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT asset_id, name, type, content_type, declared_hash, content_hash, content_size, owner_id,
                        is_private FROM assets WHERE asset_id = ?
                    """,
                arguments: [Data(id.bytes)]
            ).map(Asset.init(row:))
        }
    }

    /// The metadata of an asset, byte for byte.
    package func metadata(of id: AssetID) async throws -> Data? {
        try await read { database in
            try Data.fetchOne(
                database,
                sql: "SELECT metadata FROM assets WHERE asset_id = ?",
                arguments: [Data(id.bytes)]
            )
        }
    }

    /// The assets that an account may see: all public ones and its own; all for an admin.
    package func assets(
        visibleTo account: Account?,
        _ filter: AssetFilter
    ) async throws -> AssetPage {
        try await read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT id, asset_id, iif(:metadata, metadata, x'') AS metadata FROM assets
                    WHERE id < :before AND (is_private = 0 OR owner_id = :account OR :admin)
                        AND (:type IS NULL OR type = :type) AND (:name IS NULL OR name = :name)
                    ORDER BY id DESC LIMIT :limit
                    """,
                arguments: [
                    "account": account?.id, "admin": account?.isAdmin ?? false, "type": filter.type,
                    "name": filter.name, "limit": filter.limit + 1, "before": filter.before ?? .max,
                    "metadata": filter.includesMetadata,
                ]
            )
            var (assets, bytes): ([ListedAsset], Int) = ([], 0)
            while let row = try rows.next() {
                let metadata: Data = row["metadata"]
                bytes += metadata.count
                guard assets.count < filter.limit, assets.isEmpty || bytes <= AssetFilter.longestPage else {
                    return AssetPage(assets: assets, hasMore: true)
                }
                assets.append(
                    ListedAsset(row: row["id"], id: try AssetID(stored: row["asset_id"]), metadata: metadata)
                )
            }
            return AssetPage(assets: assets, hasMore: false)
        }
    }

    /// An account's own assets, newest first, from before a row on; only those with a text in their name, in capitals or
    /// not, if there is one to look for.
    package func assets(of owner: Int64, named text: String?, before: Int64, limit: Int) async throws -> [OwnAsset] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, asset_id, name, type, content_type, declared_hash, content_hash, content_size, owner_id,
                        is_private, created_at FROM assets
                    WHERE owner_id = :owner AND id < :before
                        AND (:text IS NULL OR instr(swiftLowercaseString(name), :text))
                    ORDER BY id DESC LIMIT :limit
                    """,
                arguments: ["owner": owner, "before": before, "text": text?.lowercased(), "limit": limit]
            ).map { row in
                OwnAsset(
                    row: row["id"],
                    asset: try Asset(row: row),
                    createdAt: Date(milliseconds: row["created_at"])
                )
            }
        }
    }

    /// Gives an asset its content, and with that of an orchestration makes it an operation, under a service of `owner`.
    /// - Throws: `alreadyRegistered` when another service has its name.
    package func keep(
        _ content: ContentReference,
        for id: AssetID,
        making orchestration: NewService? = nil,
        owner: Int64? = nil
    ) async throws -> ContentKept {
        let now = now.milliseconds
        return try await write { database in
            let kept = try database.keep(content, for: id)
            if kept != .different, let orchestration, let owner {
                try database.makeOperation(orchestration, owner: owner, now: now)
            }
            return kept
        }
    }
}

extension Store {
    /// Takes an asset's content away; an asset without content stays as it is.
    /// - Throws: `conflict` for what is offered, what somebody has paid for, and what is an operation.
    package func removeContent(of id: AssetID) async throws {
        let asset = Data(id.bytes)
        try await write { database in
            let isSold = try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM listings WHERE asset_id = :asset AND (status = 'published' OR EXISTS (
                        SELECT 1 FROM purchases WHERE listing_id = listings.id AND payment = 'settled'
                            AND (uses_left IS NULL OR uses_left > 0))))
                    """,
                arguments: ["asset": asset]
            )
            guard isSold == false else {
                throw Refusal(
                    .conflict,
                    "The asset is offered, or somebody has paid for it. Unpublish its listing, and refund what is paid."
                )
            }
            let type = try String.fetchOne(
                database,
                sql: "SELECT type FROM assets WHERE asset_id = ?",
                arguments: [asset]
            )
            guard type != "operation" else {
                throw Refusal(.conflict, "The asset is an operation; retire its service instead.")
            }
            try database.execute(
                sql: "UPDATE assets SET content_hash = NULL, content_size = NULL WHERE asset_id = ?",
                arguments: [asset]
            )
        }
    }
}

extension Database {
    fileprivate func keep(_ content: ContentReference, for id: AssetID) throws -> ContentKept {
        try execute(
            sql: "UPDATE assets SET content_hash = ?, content_size = ? WHERE asset_id = ? AND content_hash IS NULL",
            arguments: [Data(content.hash.bytes), content.size, Data(id.bytes)]
        )
        if changesCount == 1 { return .stored }
        let present = try Data.fetchOne(
            self,
            sql: "SELECT content_hash FROM assets WHERE asset_id = ?",
            arguments: [Data(id.bytes)]
        )
        return present == Data(content.hash.bytes) ? .alreadyThere : .different
    }

    /// - Returns: false when the asset was registered before.
    func insert(_ asset: NewAsset, owner: Int64?, now: Int64) throws -> Bool {
        try execute(
            sql: """
                INSERT INTO assets (asset_id, metadata, name, type, content_type, declared_hash, content_hash,
                    content_size, owner_id, is_private, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (asset_id) DO NOTHING
                """,
            arguments: [
                Data(asset.id.bytes), Data(asset.metadata), asset.facts.name, asset.facts.type,
                asset.facts.contentType, asset.facts.contentHash.map { Data($0.bytes) },
                asset.content.map { Data($0.hash.bytes) }, asset.content?.size, owner, asset.isPrivate, now,
            ]
        )
        return changesCount == 1
    }
}

extension Asset {
    init(row: Row) throws {
        let declared: Data? = row["declared_hash"]
        let hash: Data? = row["content_hash"]
        self.init(
            id: try AssetID(stored: row["asset_id"]),
            facts: AssetFacts(
                name: row["name"],
                type: row["type"],
                contentType: row["content_type"],
                contentHash: try declared.map(Hex32.init(stored:))
            ),
            content: try hash.map { ContentReference(hash: try Hex32(stored: $0), size: row["content_size"]) },
            owner: row["owner_id"],
            isPrivate: row["is_private"]
        )
    }
}

extension Hex32 {
    init(stored: Data) throws {
        guard let value = Hex32(bytes: stored) else { throw StoreFault.unreadable("a 32-byte id") }
        self = value
    }
}
