package import Foundation
import GRDB
package import InvokeModel

/// What came of one attempt, as it is kept.
package struct DeliveryAttempt: Sendable, Hashable {
    package let startedAt: Date
    package let duration: Duration
    /// The HTTP status; nil when no answer came.
    package let status: Int?
    /// The beginning of the answer's body, or why there is none.
    package let answer: String

    package init(startedAt: Date, duration: Duration, status: Int?, answer: String) {
        self.startedAt = startedAt
        self.duration = duration
        self.status = status
        self.answer = answer
    }
}

/// How far an announcement has come.
package struct DeliveryRecord: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case pending, delivered, dead
    }

    /// Why an announcement is not sent any more, though it has not arrived.
    package enum Reason: String, Sendable {
        /// Every attempt of the schedule has failed.
        case exhausted
        /// The receiver has answered 410.
        case gone
        /// The webhook was disabled.
        case disabled
        /// Too many waited already.
        case full
    }

    /// The row's number.
    package let id: Int64
    package let eventID: String
    /// What is told of: nil for a test.
    package let job: (id: JobID, state: JobState)?
    /// The registered webhook that it goes to; nil for the URL of a call, and for a webhook that was removed.
    package let webhook: WebhookID?
    package let url: String
    package let state: State
    package let reason: Reason?
    /// Attempts since it was put into the queue.
    package let attempts: Int
    /// When it is tried next; only while it is pending.
    package let nextAttempt: Date?
    package let createdAt: Date
    package let endedAt: Date?
    /// The last attempts, oldest first.
    package let history: [DeliveryAttempt]
}

extension DeliveryRecord {
    static let selection = """
        SELECT deliveries.*, jobs.state AS job_state, webhooks.public_id AS webhook
        FROM deliveries LEFT JOIN jobs ON jobs.id = job_id
        LEFT JOIN webhooks ON webhooks.id = webhook_id AND removed_at IS NULL
        """

    init(row: Row, history: [DeliveryAttempt]) throws {
        guard let state = State(rawValue: row["state"]) else { throw StoreFault.unreadable("delivery") }
        func date(_ column: String) -> Date? { (row[column] as Int64?).map(Date.init(milliseconds:)) }
        let jobState = (row["job_state"] as String?).flatMap(JobState.init(rawValue:))
        id = row["id"]
        eventID = row["event_id"]
        job = jobState.map { (JobID(value: row["job_id"]), $0) }
        webhook = (row["webhook"] as String?).flatMap(WebhookID.init)
        url = row["url"]
        self.state = state
        reason = (row["reason"] as String?).flatMap(Reason.init(rawValue:))
        attempts = row["attempts"]
        nextAttempt = date("next_attempt_at")
        createdAt = Date(milliseconds: row["created_at"])
        endedAt = date("ended_at")
        self.history = history
    }
}

extension Store {
    /// The announcements of a job's end, newest first, from before a row on.
    package func deliveries(
        of job: JobID,
        before cursor: Int64 = .max,
        limit: Int = .max
    ) async throws -> [DeliveryRecord] {
        try await read { database in
            try database.deliveries(
                DeliveryRecord.selection
                    + " WHERE job_id = ? AND deliveries.id < ? ORDER BY deliveries.id DESC LIMIT ?",
                [job.value, cursor, limit]
            )
        }
    }

    /// The announcements to a registered webhook, newest first, from before a row on; of one state, or of any.
    package func deliveries(
        to webhook: WebhookID,
        _ state: DeliveryRecord.State?,
        before cursor: Int64,
        limit: Int
    ) async throws -> [DeliveryRecord] {
        try await read { database in
            try database.deliveries(
                DeliveryRecord.selection + """
                     WHERE webhook_id = (SELECT id FROM webhooks WHERE public_id = ?) AND deliveries.id < ?
                        AND deliveries.state = coalesce(?, deliveries.state)
                    ORDER BY deliveries.id DESC LIMIT ?
                    """,
                [webhook.description, cursor, state?.rawValue, limit]
            )
        }
    }
}

extension Database {
    fileprivate func deliveries(_ sql: String, _ arguments: StatementArguments) throws -> [DeliveryRecord] {
        let attempts = try cachedStatement(
            sql: "SELECT * FROM delivery_attempts WHERE delivery_id = ? ORDER BY number"
        )
        return try Row.fetchAll(self, sql: sql, arguments: arguments).map { row in
            let history = try Row.fetchAll(attempts, arguments: [row["id"] as Int64]).map { attempt in
                DeliveryAttempt(
                    startedAt: Date(milliseconds: attempt["started_at"]),
                    duration: .milliseconds(attempt["duration_ms"] as Int64),
                    status: attempt["status"],
                    answer: attempt["answer"]
                )
            }
            return try DeliveryRecord(row: row, history: history)
        }
    }
}
