import Foundation
import GRDB
package import InvokeModel

/// What pays for a job: one use of it goes with the job.
package enum JobPayment: Sendable, Hashable {
    /// The row of a purchase made here.
    case purchase(Int64)
    case token(VerifiedToken)
}

extension Store {
    /// Removes the counts of tokens that have expired, some of them at a time.
    /// - Returns: whether there are more.
    package func forgetExpiredTokens() async throws -> Bool {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM purchase_tokens WHERE identity IN (
                        SELECT identity FROM purchase_tokens WHERE expires_at <= ? LIMIT 1000)
                    """,
                arguments: [now]
            )
            return database.changesCount == 1000
        }
    }
}

extension Database {
    /// Counts one use for a job, in the transaction that makes the job.
    /// - Throws: `notPaid` when there is no use left: then there must be no job.
    func spend(_ payment: JobPayment, on job: JobID, now: Int64) throws {
        switch payment {
        case .purchase(let purchase): try spend(purchase: purchase, on: job)
        case .token(let token): try spend(token, on: job, now: now)
        }
    }

    /// Why a payment has no use left for a job; nil when it has. Nothing is counted.
    func refusal(of payment: JobPayment, now: Int64) throws -> Refusal? {
        switch payment {
        case .purchase(let purchase):
            let sql = "SELECT count(*) FROM purchases WHERE id = ? AND \(Self.hasUseLeft)"
            return try Int.fetchOne(self, sql: sql, arguments: [purchase]) == 1 ? nil : Self.purchaseUsedUp
        case .token(let token):
            if token.hasExpired(now) { return Self.tokenExpired }
            let sql = "SELECT uses FROM purchase_tokens WHERE identity = ?"
            let uses = try Int.fetchOne(self, sql: sql, arguments: [Data(token.identity.bytes)]) ?? 0
            return uses < token.uses ?? .max ? nil : Self.tokenUsedUp
        }
    }

    private static let hasUseLeft = "payment IN ('none', 'settled') AND (uses_left IS NULL OR uses_left > 0)"
    private static let purchaseUsedUp = Refusal(
        .notPaid,
        "The purchase has been used up or refunded; make a new one."
    )
    private static let tokenExpired = Refusal(.notPaid, "The purchase token has expired; get a new one.")
    private static let tokenUsedUp = Refusal(
        .notPaid,
        "The purchase token has been used as often as it may; get a new one."
    )

    private func spend(purchase: Int64, on job: JobID) throws {
        try execute(
            sql: "UPDATE purchases SET uses_left = uses_left - 1 WHERE id = ? AND \(Self.hasUseLeft)",
            arguments: [purchase]
        )
        guard changesCount == 1 else { throw Self.purchaseUsedUp }
        try execute(
            sql: "INSERT INTO purchase_uses (purchase_id, job_id) VALUES (?, ?)",
            arguments: [purchase, job.value]
        )
    }

    private func spend(_ token: VerifiedToken, on job: JobID, now: Int64) throws {
        // The count of an expired token may be gone already.
        guard !token.hasExpired(now) else { throw Self.tokenExpired }
        let identity = Data(token.identity.bytes)
        try execute(
            sql: "INSERT INTO purchase_token_uses (job_id, identity) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [job.value, identity]
        )
        // A token that pays for several assets of a job is used once.
        guard changesCount == 1, let uses = token.uses else { return }
        try execute(
            sql: """
                INSERT INTO purchase_tokens (identity, uses, expires_at) VALUES (?, 1, ?)
                ON CONFLICT (identity) DO UPDATE SET uses = uses + 1, expires_at = excluded.expires_at WHERE uses < ?
                """,
            arguments: [identity, token.expires?.milliseconds, uses]
        )
        guard changesCount == 1 else { throw Self.tokenUsedUp }
    }

    /// Gives back the uses of a job that did not succeed.
    func giveBackUses(of job: JobID) throws {
        try executeCached(
            sql: """
                UPDATE purchases SET uses_left = uses_left + 1
                WHERE uses_left IS NOT NULL AND id IN (SELECT purchase_id FROM purchase_uses WHERE job_id = ?)
                """,
            arguments: [job.value]
        )
        try executeCached(
            sql: """
                UPDATE purchase_tokens SET uses = uses - 1
                WHERE uses > 0 AND identity IN (SELECT identity FROM purchase_token_uses WHERE job_id = ?)
                """,
            arguments: [job.value]
        )
    }
}

extension VerifiedToken {
    fileprivate func hasExpired(_ now: Int64) -> Bool { expires.map { $0.milliseconds <= now } ?? false }
}
