import Foundation
import GRDB
package import InvokeModel

/// A content that some row has ceased to name.
package struct LooseContent: Sendable {
    fileprivate let row: Int64
    package let hash: Hex32
}

extension Store {
    /// The tables whose rows name contents; each has an index for it.
    static let tablesOfContents = ["objects", "assets", "upload_parts"]

    /// Whether some row names a content.
    package func isNamed(_ hash: Hex32) async throws -> Bool { try await read { try $0.isNamed(hash) } }

    /// Contents that have been loose for a while, oldest first, at most 100.
    package func looseContents(for age: Duration, after last: LooseContent?) async throws -> [LooseContent] {
        let latest = now.milliseconds - age.milliseconds
        return try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT id, content_hash FROM loose_contents WHERE id > ? AND since <= ? ORDER BY id LIMIT 100",
                arguments: [last?.row ?? 0, latest]
            ).map { LooseContent(row: $0["id"], hash: try Hex32(stored: $0["content_hash"])) }
        }
    }

    /// The contents are gone, or named again.
    package func settle(_ contents: [LooseContent]) async throws {
        try await write { database in
            for content in contents {
                try database.executeCached(
                    sql: "DELETE FROM loose_contents WHERE id = ?",
                    arguments: [content.row]
                )
            }
        }
    }

    /// Notes those of some contents that no row names.
    package func noteLoose(among hashes: [Hex32]) async throws {
        let loose = try await read { database in try hashes.filter { try !database.isNamed($0) } }
        guard !loose.isEmpty else { return }
        let now = now.milliseconds
        try await write { database in
            for hash in loose {
                try database.executeCached(
                    sql: "INSERT INTO loose_contents (content_hash, since) VALUES (?, ?)",
                    arguments: [Data(hash.bytes), now]
                )
            }
        }
    }
}

extension Database {
    fileprivate func isNamed(_ hash: Hex32) throws -> Bool {
        let named = Store.tablesOfContents.map { "EXISTS (SELECT 1 FROM \($0) WHERE content_hash = :hash)" }
        let statement = try cachedStatement(sql: "SELECT " + named.joined(separator: " OR "))
        return try Bool.fetchOne(statement, arguments: ["hash": Data(hash.bytes)]) ?? true
    }
}
