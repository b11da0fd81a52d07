import Foundation
import GRDB
package import InvokeModel

/// An account with what proves its owner.
package struct StoredAccount: Sendable {
    package let account: Account
    package let passwordHash: String
}

extension Store {
    /// - Throws: `alreadyRegistered` when the name is taken.
    package func createAccount(
        username: String,
        publicID: AccountID,
        passwordHash: String,
        roles: Set<Role>
    ) async throws -> Account {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO accounts (public_id, username, password_hash, is_admin, is_provider, is_consumer, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                arguments: [
                    Data(publicID.bytes), username, passwordHash, roles.contains(.admin), roles.contains(.provider),
                    roles.contains(.consumer), now,
                ]
            )
            guard database.changesCount == 1 else {
                throw Refusal(.alreadyRegistered, "There is an account named \"\(username)\" already.")
            }
            return Account(id: database.lastInsertedRowID, publicID: publicID, username: username, roles: roles)
        }
    }

    /// The accounts, oldest first: from after a row, or from a number on.
    package func accounts(after cursor: Int64 = 0, from: Int = 0, limit: Int) async throws -> [Account] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM accounts WHERE id > ? AND removed_at IS NULL ORDER BY id LIMIT ? OFFSET ?",
                arguments: [cursor, limit, from]
            ).map { try Account(row: $0) }
        }
    }

    package func account(_ publicID: AccountID) async throws -> Account? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT * FROM accounts WHERE public_id = ? AND removed_at IS NULL",
                arguments: [Data(publicID.bytes)]
            ).map { try Account(row: $0) }
        }
    }

    package func account(named username: String) async throws -> StoredAccount? {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT * FROM accounts WHERE username = ? AND removed_at IS NULL",
                arguments: [username]
            )
            return try row.map { StoredAccount(account: try Account(row: $0), passwordHash: $0["password_hash"]) }
        }
    }

    /// - Returns: false when there is no such account.
    package func setPassword(of username: String, to passwordHash: String) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE accounts SET password_hash = ? WHERE username = ? AND removed_at IS NULL",
                arguments: [passwordHash, username]
            )
            guard database.changesCount == 1 else { return false }
            try database.execute(
                sql: """
                    DELETE FROM tokens WHERE is_session = 1 AND account_id =
                        (SELECT id FROM accounts WHERE username = ? AND removed_at IS NULL)
                    """,
                arguments: [username]
            )
            return true
        }
    }

    /// Ends an account, its tokens and its webhooks; its jobs and assets stay.
    /// - Returns: false when there is no such account.
    package func removeAccount(named username: String) async throws -> Bool {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM tokens WHERE account_id =
                        (SELECT id FROM accounts WHERE username = ? AND removed_at IS NULL)
                    """,
                arguments: [username]
            )
            try database.removeWebhooks(
                "owner_id = (SELECT id FROM accounts WHERE username = ? AND removed_at IS NULL)",
                [username],
                now: now
            )
            try database.execute(
                sql: "UPDATE accounts SET removed_at = ? WHERE username = ? AND removed_at IS NULL",
                arguments: [now, username]
            )
            return database.changesCount == 1
        }
    }

    /// Starts a new webhook secret for an account; the one before signs along for a while.
    package func rotateWebhookSecret(of account: Int64) async throws -> Int {
        let now = now.milliseconds
        return try await write { database in
            try Int.fetchOne(
                database,
                sql: """
                    UPDATE accounts SET webhook_generation = webhook_generation + 1, webhook_rotated_at = ?
                    WHERE id = ? RETURNING webhook_generation
                    """,
                arguments: [now, account]
            ) ?? 0
        }
    }

    /// The secret that signs what is sent to an account; nil when there is no such account.
    package func secretGeneration(ofAccount id: Int64) async throws -> SecretGeneration? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM accounts WHERE id = ?", arguments: [id]).map { row in
                SecretGeneration(
                    holder: .account(try AccountID(stored: row["public_id"])),
                    number: row["webhook_generation"],
                    rotatedAt: (row["webhook_rotated_at"] as Int64?).map(Date.init(milliseconds:))
                )
            }
        }
    }

    /// A fact drawn once: the stored value, or the proposed one, which is then stored.
    package func setting(_ key: String, orDraw proposed: String) async throws -> String {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [key, proposed]
            )
            return try String.fetchOne(database, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key])
                ?? proposed
        }
    }
}

extension Account {
    init(row: Row) throws {
        guard let publicID = AccountID(bytes: row["public_id"] as Data) else { throw StoreFault.unreadable("account") }
        var roles: Set<Role> = []
        if row["is_admin"] { roles.insert(.admin) }
        if row["is_provider"] { roles.insert(.provider) }
        if row["is_consumer"] { roles.insert(.consumer) }
        self.init(id: row["id"], publicID: publicID, username: row["username"], roles: roles)
    }
}
