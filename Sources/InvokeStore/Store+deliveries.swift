package import Foundation
import GRDB
package import InvokeModel

/// One announcement that has to reach one URL.
package struct Delivery: Sendable {
    package let id: Int64
    /// The same on every attempt.
    package let eventID: String
    package let job: Job
    package let account: Int64
    package let url: String
    /// Attempts so far.
    package let attempts: Int
}

/// How far an announcement has come.
package struct DeliveryRecord: Sendable {
    package enum State: String, Sendable {
        case pending, delivered, dead
    }

    package let eventID: String
    package let url: String
    package let state: State
    /// Attempts so far.
    package let attempts: Int
    /// When it is tried next; only while it is pending.
    package let nextAttempt: Date?
    /// What the last attempt was answered with.
    package let lastAnswer: String?
}

extension Store {
    /// The announcements of a job's end, oldest first.
    package func deliveries(of job: JobID) async throws -> [DeliveryRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM deliveries WHERE job_id = ? ORDER BY id",
                arguments: [job.value]
            ).map { row in
                guard let state = DeliveryRecord.State(rawValue: row["state"]) else {
                    throw StoreFault.unreadable("delivery")
                }
                return DeliveryRecord(
                    eventID: row["event_id"],
                    url: row["url"],
                    state: state,
                    attempts: row["attempts"],
                    nextAttempt: (row["next_attempt_at"] as Int64?).map(Date.init(milliseconds:)),
                    lastAnswer: row["last_answer"]
                )
            }
        }
    }

    /// The announcements that are due, oldest first; at most `perEndpoint` of them for one scheme, host and port, so
    /// that a dead receiver with a long queue hides nobody else's.
    package func dueDeliveries(limit: Int, perEndpoint: Int) async throws -> [Delivery] {
        let now = now.milliseconds
        return try await read { database in
            try Row.fetchAll(
                database,
                // The endpoint is the text before the third slash; the first eight characters hold two of them.
                sql: """
                    WITH due AS (
                        SELECT id, row_number() OVER (
                            PARTITION BY substr(url, 1, 7 + instr(substr(url, 9) || '/', '/'))
                            ORDER BY next_attempt_at, id) AS place
                        FROM deliveries WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ?)
                    SELECT * FROM deliveries WHERE id IN (SELECT id FROM due WHERE place <= ?)
                    ORDER BY next_attempt_at, id LIMIT ?
                    """,
                arguments: [now, perEndpoint, limit]
            ).compactMap { row in
                guard let job = try database.job(JobID(value: row["job_id"])) else { return nil }
                return Delivery(
                    id: row["id"],
                    eventID: row["event_id"],
                    job: job,
                    account: row["account_id"],
                    url: row["url"],
                    attempts: row["attempts"]
                )
            }
        }
    }

    /// Notes an answer of 2xx: the announcement has arrived.
    package func delivered(_ delivery: Delivery, answer: String) async throws {
        try await close(delivery, as: "delivered", answer: answer)
    }

    /// Notes a failed attempt; `next` is when to try again, nil when it is given up.
    package func undelivered(_ delivery: Delivery, answer: String, next: Date?) async throws {
        guard let next else { return try await close(delivery, as: "dead", answer: answer) }
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE deliveries SET attempts = attempts + 1, next_attempt_at = ?, last_answer = ?
                    WHERE id = ? AND state = 'pending'
                    """,
                arguments: [next.milliseconds, String(answer.prefix(1000)), delivery.id]
            )
        }
    }

    private func close(_ delivery: Delivery, as state: String, answer: String) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE deliveries SET attempts = attempts + 1, state = ?, next_attempt_at = NULL, last_answer = ?,
                        ended_at = ?
                    WHERE id = ? AND state = 'pending'
                    """,
                arguments: [state, String(answer.prefix(1000)), now, delivery.id]
            )
        }
    }
}

extension Database {
    /// Puts the end of a job into the outbox, in the transaction that ends it.
    func announce(_ id: JobID, now: Int64) throws {
        let eventID = "msg_" + (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
        try cachedStatement(
            sql: """
                INSERT INTO deliveries (event_id, job_id, account_id, url, state, next_attempt_at, created_at)
                SELECT :event, id, owner_id, webhook_url, 'pending', :now, :now FROM jobs
                WHERE id = :job AND webhook_url IS NOT NULL
                    AND (webhook_events IS NULL OR instr(' ' || webhook_events || ' ', ' job.' || state || ' ') > 0)
                """
        ).execute(arguments: ["event": eventID, "now": now, "job": id.value])
    }
}
