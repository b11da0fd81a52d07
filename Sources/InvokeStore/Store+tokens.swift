package import Foundation
import GRDB
package import InvokeModel

/// The public half of an API token, by which its row is found.
package struct TokenRecord: Sendable {
    /// 16 bytes.
    package let lookup: [UInt8]
    package let account: Account
    package let expiresAt: Date
}

extension Store {
    /// Registers a token by its lookup half: 16 random bytes.
    package func createToken(
        lookup: [UInt8],
        for account: Int64,
        isSession: Bool = false,
        expiresAt: Date
    ) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO tokens (account_id, lookup, is_session, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [account, Data(lookup), isSession, now, expiresAt.milliseconds]
            )
        }
    }

    /// The live token with this public half.
    package func token(lookup: [UInt8]) async throws -> TokenRecord? {
        let now = now.milliseconds
        return try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT accounts.*, tokens.expires_at AS token_expires_at FROM tokens
                    JOIN accounts ON accounts.id = tokens.account_id
                    WHERE tokens.lookup = ? AND tokens.expires_at > ? AND accounts.removed_at IS NULL
                    """,
                arguments: [Data(lookup), now]
            ).map { row in
                TokenRecord(
                    lookup: lookup,
                    account: try Account(row: row),
                    expiresAt: Date(milliseconds: row["token_expires_at"])
                )
            }
        }
    }

    /// The public halves of an account's live tokens, oldest first; not those of browsers' sessions.
    package func tokenLookups(of account: Int64) async throws -> [[UInt8]] {
        let now = now.milliseconds
        return try await read { database in
            try Data.fetchAll(
                database,
                sql: """
                    SELECT lookup FROM tokens WHERE account_id = ? AND is_session = 0 AND expires_at > ? ORDER BY id
                    """,
                arguments: [account, now]
            ).map(Array.init)
        }
    }

    /// - Returns: false when the account has no such token.
    package func revokeToken(lookup: [UInt8], of account: Int64) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM tokens WHERE lookup = ? AND account_id = ?",
                arguments: [Data(lookup), account]
            )
            return database.changesCount == 1
        }
    }
}
