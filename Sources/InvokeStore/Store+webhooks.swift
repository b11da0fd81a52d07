import Foundation
import GRDB
package import InvokeModel

/// A webhook about to be registered.
package struct NewWebhook: Sendable {
    package let id: WebhookID
    package let url: String
    /// nil for everything.
    package let events: [WebhookEvent]?
    /// The row of the one operation it is about; nil for all.
    package let operation: Int64?

    package init(id: WebhookID, url: String, events: [WebhookEvent]?, operation: Int64?) {
        self.id = id
        self.url = url
        self.events = events
        self.operation = operation
    }
}

extension Store {
    /// - Throws: `conflict` when the account has as many as it may.
    package func register(_ webhook: NewWebhook, owner: Int64) async throws {
        let now = now.milliseconds
        try await write { database in
            let count = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM webhooks WHERE owner_id = ? AND removed_at IS NULL",
                arguments: [owner]
            )
            guard (count ?? 0) < Webhook.mostOfAccount else {
                throw Refusal(
                    .conflict,
                    "An account has \(Webhook.mostOfAccount) webhooks at most; remove one that is not needed."
                )
            }
            try database.execute(
                sql: """
                    INSERT INTO webhooks (public_id, owner_id, url, events, operation_id, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    webhook.id.description, owner, webhook.url,
                    webhook.events?.map(\.rawValue).joined(separator: " "), webhook.operation, now,
                ]
            )
        }
    }

    /// An account's webhooks with the numbers of their rows, oldest first, from after a row on.
    package func webhooks(of owner: Int64, after cursor: Int64, limit: Int) async throws
        -> [(row: Int64, webhook: Webhook)]
    {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Webhook.selection + " AND owner_id = ? AND webhooks.id > ? ORDER BY webhooks.id LIMIT ?",
                arguments: [owner, cursor, limit]
            ).map { ($0["id"], try Webhook(row: $0)) }
        }
    }

    /// - Returns: nil also for a webhook of somebody else.
    package func webhook(_ id: WebhookID, of owner: Int64) async throws -> Webhook? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: Webhook.selection + " AND owner_id = ? AND public_id = ?",
                arguments: [owner, id.description]
            ).map(Webhook.init(row:))
        }
    }

    /// Removes a webhook: nothing more is sent to it. What is known of its deliveries goes soon after.
    /// - Returns: false when there is none.
    package func remove(_ id: WebhookID) async throws -> Bool {
        let now = now.milliseconds
        return try await write { try $0.removeWebhooks("public_id = ?", [id.description], now: now) > 0 }
    }

    /// Starts a new secret; the one before signs along for a while.
    /// - Returns: its number; nil when there is no such webhook.
    package func rotateSecret(of id: WebhookID) async throws -> Int? {
        let now = now.milliseconds
        return try await write { database in
            try Int.fetchOne(
                database,
                sql: """
                    UPDATE webhooks SET generation = generation + 1, rotated_at = ?
                    WHERE public_id = ? AND removed_at IS NULL RETURNING generation
                    """,
                arguments: [now, id.description]
            )
        }
    }

    /// Turns a disabled webhook on again; what it has missed stays where it is.
    package func enable(_ id: WebhookID) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE webhooks SET disabled_at = NULL, disabled_for = NULL, failing_since = NULL
                    WHERE public_id = ? AND disabled_at IS NOT NULL
                    """,
                arguments: [id.description]
            )
        }
    }
}

extension Database {
    /// Removes the webhooks that a condition is true of, and takes what waits for them out of the dispatcher's sight.
    /// - Returns: how many.
    @discardableResult
    func removeWebhooks(_ condition: String, _ arguments: StatementArguments, now: Int64) throws -> Int {
        let removed = try String.fetchAll(
            self,
            sql: """
                UPDATE webhooks SET removed_at = \(now) WHERE removed_at IS NULL AND \(condition) RETURNING public_id
                """,
            arguments: arguments
        )
        for id in removed { try execute(sql: "DELETE FROM delivery_queues WHERE name = ?", arguments: [id]) }
        return removed.count
    }

    /// Stops a webhook; what waits for it becomes dead letters.
    func disable(_ webhook: Int64, _ reason: Webhook.Reason, now: Int64) throws {
        try execute(
            sql: "UPDATE webhooks SET disabled_at = ?, disabled_for = ? WHERE id = ? AND disabled_at IS NULL",
            arguments: [now, reason.rawValue, webhook]
        )
        guard changesCount == 1 else { return }
        try execute(
            sql: """
                UPDATE deliveries SET state = 'dead', reason = 'disabled', next_attempt_at = NULL, ended_at = ?
                WHERE queue = (SELECT public_id FROM webhooks WHERE id = ?) AND next_attempt_at IS NOT NULL
                """,
            arguments: [now, webhook]
        )
    }
}

extension Webhook {
    fileprivate static let selection = """
        SELECT webhooks.*, operations.asset_id, operations.name AS operation_name,
            (SELECT name FROM services WHERE services.id = operations.service_id) AS service_name,
            (SELECT pending FROM delivery_queues WHERE name = public_id) AS pending
        FROM webhooks LEFT JOIN operations ON operations.id = operation_id WHERE removed_at IS NULL
        """

    fileprivate init(row: Row) throws {
        guard let id = WebhookID(row["public_id"]) else { throw StoreFault.unreadable("webhook") }
        func date(_ column: String) -> Date? { (row[column] as Int64?).map(Date.init(milliseconds:)) }
        let reason = (row["disabled_for"] as String?).flatMap(Reason.init(rawValue:))
        self.init(
            id: id,
            url: row["url"],
            events: (row["events"] as String?).map {
                $0.split(separator: " ").compactMap { WebhookEvent(rawValue: String($0)) }
            },
            operation: try (row["asset_id"] as Data?).map { try AssetID(stored: $0) },
            operationName: row["operation_name"],
            serviceName: row["service_name"],
            createdAt: Date(milliseconds: row["created_at"]),
            failingSince: date("failing_since"),
            disabled: date("disabled_at").flatMap { since in reason.map { (since, $0) } },
            pending: row["pending"] ?? 0
        )
    }
}
