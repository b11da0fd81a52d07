import Foundation
import GRDB
package import InvokeModel

/// A caller's own name for one request, so that he can send it again without doing it twice (promises I1 to I3).
package struct IdempotencyKey: Sendable, Hashable {
    package let text: String
    /// SHA-256 of what is asked for: the same key must mean the same request.
    package let fingerprint: Hex32

    package init(text: String, fingerprint: Hex32) {
        self.text = text
        self.fingerprint = fingerprint
    }
}

/// An accepted job.
package struct Acceptance: Sendable, Hashable {
    package let job: JobID
    /// Whether the same request had been accepted before: the job is that of the first time.
    package let isReplay: Bool

    package init(job: JobID, isReplay: Bool) {
        self.job = job
        self.isReplay = isReplay
    }
}

extension Store {
    /// The job that a key stands for, if it has been used in the last 24 hours.
    /// - Throws: `idempotencyMismatch` when it was used for another request.
    package func job(for key: IdempotencyKey, owner: Int64, operation: Int64) async throws -> JobID? {
        let now = now.milliseconds
        return try await read { try $0.job(for: key, owner: owner, operation: operation, now: now) }
    }
}

extension Database {
    /// How long a key is remembered, in milliseconds.
    private static let keyLifetime: Int64 = 24 * 3_600_000

    func job(for key: IdempotencyKey, owner: Int64, operation: Int64, now: Int64) throws -> JobID? {
        let statement = try cachedStatement(
            sql: """
                SELECT job_id, fingerprint FROM idempotency_keys
                WHERE owner_id = ? AND operation_id = ? AND key = ? AND created_at > ?
                """
        )
        let found = try Row.fetchOne(statement, arguments: [owner, operation, key.text, now - Self.keyLifetime])
        guard let found else { return nil }
        guard try Hex32(stored: found["fingerprint"]) == key.fingerprint else {
            throw Refusal(
                .idempotencyMismatch,
                "This Idempotency-Key was used for another request to the operation; draw a new one for each request."
            )
        }
        return JobID(value: found["job_id"])
    }

    func remember(_ key: IdempotencyKey, _ job: NewJob, _ id: JobID, now: Int64) throws {
        let statement = try cachedStatement(
            sql: """
                INSERT OR REPLACE INTO idempotency_keys (owner_id, operation_id, key, fingerprint, job_id, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            job.owner, job.operation, key.text, Data(key.fingerprint.bytes), id.value, now,
        ])
    }
}
