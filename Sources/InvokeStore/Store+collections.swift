import Foundation
import GRDB
package import InvokeModel
package import OrderedCollections

/// An asset in a collection, as its owner spells it.
package struct CollectionItem: Sendable, Hashable {
    package let asset: AssetID
    package let spelling: String

    package init(asset: AssetID, spelling: String) {
        self.asset = asset
        self.spelling = spelling
    }
}

extension Store {
    package func collections(of owner: Int64) async throws -> OrderedDictionary<String, [CollectionItem]> {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT name, asset_id, spelling FROM collection_items WHERE owner_id = ? ORDER BY id",
                arguments: [owner]
            )
            return try rows.reduce(into: [:]) { collections, row in
                let item = CollectionItem(asset: try AssetID(stored: row["asset_id"]), spelling: row["spelling"])
                collections[row["name"], default: []].append(item)
            }
        }
    }

    /// - Returns: those that were not in it.
    package func add(
        _ items: [CollectionItem],
        toCollection name: String,
        of owner: Int64
    ) async throws -> [CollectionItem] {
        try await change(
            items,
            """
            INSERT INTO collection_items (owner_id, name, asset_id, spelling)
            VALUES (:owner, :name, :asset, :spelling) ON CONFLICT (owner_id, name, asset_id) DO NOTHING
            """
        ) { ["owner": owner, "name": name, "asset": Data($0.asset.bytes), "spelling": $0.spelling] }
    }

    /// - Returns: those that were in it.
    package func remove(
        _ items: [CollectionItem],
        fromCollection name: String,
        of owner: Int64
    ) async throws -> [CollectionItem] {
        try await change(
            items,
            "DELETE FROM collection_items WHERE owner_id = :owner AND name = :name AND asset_id = :asset"
        ) { ["owner": owner, "name": name, "asset": Data($0.asset.bytes)] }
    }

    /// - Returns: those for which the statement has changed something.
    private func change(
        _ items: [CollectionItem],
        _ sql: String,
        arguments: @escaping @Sendable (CollectionItem) -> StatementArguments
    ) async throws -> [CollectionItem] {
        try await write { database in
            try items.filter { item in
                try database.execute(sql: sql, arguments: arguments(item))
                return database.changesCount == 1
            }
        }
    }
}
