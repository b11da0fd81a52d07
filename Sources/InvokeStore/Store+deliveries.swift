package import Foundation
import GRDB
package import InvokeModel

/// One announcement that has to reach one URL.
package struct Delivery: Sendable {
    package let id: Int64
    /// The same on every attempt.
    package let eventID: String
    package let url: String
    /// Whom it waits with.
    package let queue: String
    /// Attempts since it was put into the queue.
    package let attempts: Int
    /// Whether it takes its turn at a bounded rate: it is sent again, or it waited during an outage.
    package let isPaced: Bool
    /// Whether the receiver's last answer was a failure.
    package let isQueueFailing: Bool
}

/// What an announcement says, and whose secret signs it.
package struct DeliveryMessage: Sendable {
    /// The job that has ended; nil for a test.
    package let job: Job?
    package let createdAt: Date
    package let secret: SecretGeneration
}

/// What follows from an attempt.
package enum DeliveryFate: Sendable {
    case delivered
    /// It failed, and is made again at a time.
    case again(Date)
    /// It failed, and was the last one.
    case exhausted
    /// The receiver wants no more, of anything.
    case gone
}

extension Store {
    /// The announcements that are due: of so many `queues` whose turn it is and that are not `excluded`, each one's oldest
    /// first, and not more than `perQueue` of them, so that a dead receiver with a long queue hides nobody else's; those of
    /// receivers that fail only if they are wanted, so that many dead ones hide nobody either.
    package func dueDeliveries(
        queues: Int,
        perQueue: Int,
        except excluded: Set<String> = [],
        failingToo: Bool = true
    ) async throws -> [Delivery] {
        let now = now.milliseconds
        return try await read { database in
            let names = try String.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT name FROM delivery_queues WHERE next_at <= ? AND (? OR failures = 0)
                        ORDER BY next_at LIMIT ?
                        """
                ),
                arguments: [now, failingToo, queues + excluded.count]
            )
            let statement = try database.cachedStatement(
                sql: """
                    SELECT deliveries.*, failures, is_paced OR failures > 0 OR deliveries.id <= paced_through AS paced
                    FROM deliveries JOIN delivery_queues ON name = queue
                    WHERE queue = ? AND next_attempt_at <= ? ORDER BY next_attempt_at, deliveries.id LIMIT ?
                    """
            )
            return try names.filter { !excluded.contains($0) }.flatMap { name in
                try Row.fetchAll(statement, arguments: [name, now, perQueue]).map(Delivery.init(row:))
            }
        }
    }

    /// What a delivery says; nil when it is not there any more.
    package func message(of delivery: Delivery) async throws -> DeliveryMessage? {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT deliveries.job_id, deliveries.created_at AS told_at, webhooks.public_id AS webhook,
                        webhooks.generation, webhooks.rotated_at, accounts.public_id, webhook_generation,
                        webhook_rotated_at
                    FROM deliveries JOIN accounts ON accounts.id = account_id
                    LEFT JOIN webhooks ON webhooks.id = webhook_id WHERE deliveries.id = ?
                    """,
                arguments: [delivery.id]
            )
            guard let row else { return nil }
            return DeliveryMessage(
                job: try (row["job_id"] as Int64?).flatMap { try database.job(JobID(value: $0)) },
                createdAt: Date(milliseconds: row["told_at"]),
                secret: try SecretGeneration(row: row)
            )
        }
    }

    /// Notes an attempt and what follows from it.
    package func note(_ attempt: DeliveryAttempt, of delivery: Delivery, _ fate: DeliveryFate) async throws {
        let now = now.milliseconds
        try await write { database in
            // Its webhook or its job may have been removed meanwhile.
            let webhook = try Row.fetchOne(
                database,
                sql: "SELECT webhook_id FROM deliveries WHERE id = ?",
                arguments: [delivery.id]
            )
            guard let webhook else { return }
            try database.keep(attempt, of: delivery)
            try database.decide(delivery, fate, now: now)
            try database.countFailures(inQueue: delivery.queue, fate)
            if let webhook = webhook["webhook_id"] as Int64? { try database.judge(webhook, fate, now: now) }
        }
    }
}

extension Database {
    /// As many attempts are kept as of a job.
    private static var keptAttempts: Int { 20 }

    /// So many failures one after the other are an outage.
    private static var outage: Int { 5 }

    /// A webhook is disabled after so long with only failures (reliability promise W10).
    private static var longestFailing: Duration { .seconds(5 * 24 * 3600) }

    fileprivate func keep(_ attempt: DeliveryAttempt, of delivery: Delivery) throws {
        let last = try Int.fetchOne(
            cachedStatement(sql: "SELECT max(number) FROM delivery_attempts WHERE delivery_id = ?"),
            arguments: [delivery.id]
        )
        let number = (last ?? 0) + 1
        try executeCached(
            sql: """
                INSERT INTO delivery_attempts (delivery_id, number, started_at, duration_ms, status, answer)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                delivery.id, number, attempt.startedAt.milliseconds, attempt.duration.milliseconds, attempt.status,
                attempt.answer,
            ]
        )
        try executeCached(
            sql: "DELETE FROM delivery_attempts WHERE delivery_id = ? AND number <= ?",
            arguments: [delivery.id, number - Self.keptAttempts]
        )
    }

    /// Writes what has become of a delivery. One that arrives has arrived, also when it has been given up meanwhile.
    fileprivate func decide(_ delivery: Delivery, _ fate: DeliveryFate, now: Int64) throws {
        func end(_ state: DeliveryRecord.State, _ reason: DeliveryRecord.Reason?, from states: String) throws {
            try executeCached(
                sql: """
                    UPDATE deliveries SET attempts = attempts + 1, state = ?, reason = ?, next_attempt_at = NULL,
                        ended_at = ?
                    WHERE id = ? AND state IN (\(states))
                    """,
                arguments: [state.rawValue, reason?.rawValue, now, delivery.id]
            )
        }
        switch fate {
        case .delivered: try end(.delivered, nil, from: "'pending', 'dead'")
        case .exhausted: try end(.dead, .exhausted, from: "'pending'")
        case .gone: try end(.dead, .gone, from: "'pending'")
        case .again(let next):
            try executeCached(
                sql: """
                    UPDATE deliveries SET attempts = attempts + 1, is_paced = 1, next_attempt_at = ?
                    WHERE id = ? AND state = 'pending'
                    """,
                arguments: [next.milliseconds, delivery.id]
            )
        }
    }

    /// Keeps in mind whether a receiver is there, for as long as something waits for it.
    fileprivate func countFailures(inQueue name: String, _ fate: DeliveryFate) throws {
        if case .delivered = fate {
            try executeCached(
                sql: """
                    UPDATE delivery_queues SET failures = 0, paced_through = iif(failures < ?,
                        paced_through, (SELECT max(id) FROM deliveries))
                    WHERE name = ? AND failures > 0
                    """,
                arguments: [Self.outage, name]
            )
        } else {
            try executeCached(
                sql: "UPDATE delivery_queues SET failures = failures + 1 WHERE name = ?",
                arguments: [name]
            )
        }
    }

    /// Disables a webhook that wants no more, or that nothing has reached for too long.
    fileprivate func judge(_ webhook: Int64, _ fate: DeliveryFate, now: Int64) throws {
        switch fate {
        case .delivered:
            try executeCached(
                sql: "UPDATE webhooks SET failing_since = NULL WHERE id = ? AND failing_since IS NOT NULL",
                arguments: [webhook]
            )
        case .gone: try disable(webhook, .gone, now: now)
        case .again, .exhausted:
            let since = try Int64.fetchOne(
                cachedStatement(
                    sql: """
                        UPDATE webhooks SET failing_since = coalesce(failing_since, ?) WHERE id = ?
                        RETURNING failing_since
                        """
                ),
                arguments: [now, webhook]
            )
            guard let since, now - since >= Self.longestFailing.milliseconds else { return }
            try disable(webhook, .failing, now: now)
        }
    }
}

extension Delivery {
    fileprivate init(row: Row) {
        id = row["id"]
        eventID = row["event_id"]
        url = row["url"]
        queue = row["queue"]
        attempts = row["attempts"]
        isPaced = row["paced"]
        isQueueFailing = (row["failures"] as Int) > 0
    }
}

extension SecretGeneration {
    /// That of the webhook, if it goes to one, else that of the account.
    fileprivate init(row: Row) throws {
        func date(_ column: String) -> Date? { (row[column] as Int64?).map(Date.init(milliseconds:)) }
        if let webhook = (row["webhook"] as String?).flatMap(WebhookID.init) {
            self.init(holder: .webhook(webhook), number: row["generation"], rotatedAt: date("rotated_at"))
        } else {
            self.init(
                holder: .account(try AccountID(stored: row["public_id"])),
                number: row["webhook_generation"],
                rotatedAt: date("webhook_rotated_at")
            )
        }
    }
}
