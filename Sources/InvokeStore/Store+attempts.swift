package import Foundation
import GRDB
package import InvokeModel

/// What a worker needs to know of a job that it has claimed.
package struct Claim: Sendable {
    package let job: JobID
    /// Counts from 1.
    package let attempt: Int
    /// The attempts so far that count against the job, this one included.
    package let counted: Int
    package let operation: Int64
    package let service: Int64
    package let owner: Int64
    package let ownerID: AccountID
    package let inputs: JSON
    package let deadline: Date
    fileprivate let fence: Int64
}

/// The right to end one attempt. It can be used once; one that is dropped is found open at the next start.
package struct Lease: ~Copyable {
    package let claim: Claim

    fileprivate init(_ claim: Claim) { self.claim = claim }
}

/// How a worker ends an attempt.
package enum AttemptEnding: Sendable {
    /// The output values, and the assets among them that have just been made.
    case succeeded(result: JSON, assets: [NewAsset])
    case failed(JobFailure)
    /// The job stays `running` and can be claimed again at a later time.
    case retry(at: Date, reason: String)
    /// Not the job's fault and not counted: it can be claimed again at once.
    case interrupted(reason: String)
}

/// An attempt that was open when the agent started.
package struct OpenAttempt: Sendable {
    package let job: JobID
    package let number: Int
    package let handle: String?
}

extension Store {
    /// Claims the next job of a service: the callers take turns, each one's oldest job first.
    ///
    /// `turn` is the account that was served before; the next one in number is served now. A job whose deadline has
    /// passed is left for `failOverdue` (reliability promise J7).
    package func claim(service: Int64, after turn: Int64) async throws -> Lease? {
        let now = now.milliseconds
        let claim = try await write { try $0.claim(service: service, after: turn, now: now) }
        return claim.map(Lease.init)
    }

    /// Stores what names the running attempt, so that a later start of the agent can find it.
    package func note(handle: String, of claim: Claim) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE attempts SET handle = ? WHERE job_id = ? AND number = ? AND fence = ?",
                arguments: [handle, claim.job.value, claim.attempt, claim.fence]
            )
        }
    }

    /// Ends an attempt, and with it the job unless it is to be tried again: one transaction with the assets it made.
    /// - Returns: false when the attempt had been ended by somebody else: then nothing of this has happened.
    package func end(_ lease: consuming Lease, as ending: AttemptEnding) async throws -> Bool {
        let claim = lease.claim
        let now = now.milliseconds
        let applied = try await write { database in
            guard try database.close(claim, ending.word, now: now) else { return Applied.stale }
            return try database.apply(ending, to: claim, now: now)
        }
        switch applied {
        case .stale: return false
        case .jobEnded: announceEnd(of: claim.job)
        case .claimableAgain: signals.send(.claimable(service: claim.service))
        }
        return true
    }

    /// Whether somebody has asked for the end of a running job.
    package func isCancelAsked(_ id: JobID) async throws -> Bool {
        try await read { database in
            try Bool.fetchOne(database, sql: "SELECT cancel_asked FROM jobs WHERE id = ?", arguments: [id.value])
                ?? false
        }
    }

    package func openAttempts() async throws -> [OpenAttempt] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT job_id, number, handle FROM attempts WHERE ended_at IS NULL ORDER BY job_id"
            ).map { OpenAttempt(job: JobID(value: $0["job_id"]), number: $0["number"], handle: $0["handle"]) }
        }
    }

    /// Ends what an earlier run of the agent left open: its attempts are `interrupted`, their jobs can be claimed
    /// again, or have failed when they have been started too often.
    ///
    /// `maximum` is the number of attempts after which a job that keeps being interrupted fails (promise J5).
    package func recover(maximum: Int) async throws {
        let now = now.milliseconds
        let ended = try await write { database -> [JobID] in
            try database.execute(
                sql: "UPDATE attempts SET ended_at = ?, ending = 'interrupted' WHERE ended_at IS NULL",
                arguments: [now]
            )
            let held = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, attempts - interruptions AS counted, cancel_asked FROM jobs
                    WHERE ended_at IS NULL AND claimable_at IS NULL
                    """
            )
            var ended: [JobID] = []
            for row in held {
                let id = JobID(value: row["id"])
                if row["cancel_asked"] {
                    let failure = JobFailure(.cancelled, "The job was cancelled.")
                    if try database.end(id, .cancelled, failure: failure, now: now) { ended.append(id) }
                } else if (row["counted"] as Int) >= maximum {
                    let failure = JobFailure(
                        .attemptsExhausted,
                        "The agent stopped \(maximum) times while it ran this job."
                    )
                    if try database.end(id, .failed, failure: failure, now: now) { ended.append(id) }
                } else {
                    try database.makeClaimable(id, at: now)
                }
            }
            return ended
        }
        for id in ended { announceEnd(of: id) }
    }

    /// The services with a job that can be claimed now.
    package func servicesWithWork() async throws -> [Int64] {
        let now = now.milliseconds
        return try await read { database in
            try Int64.fetchAll(
                database,
                sql: "SELECT DISTINCT service_id FROM jobs WHERE claimable_at IS NOT NULL AND claimable_at <= ?",
                arguments: [now]
            )
        }
    }
}

private enum Applied {
    case stale, jobEnded, claimableAgain
}

extension AttemptEnding {
    fileprivate var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed(let failure): "failed: \(failure.text)"
        case .retry(_, let reason): "retry: \(reason)"
        case .interrupted(let reason): "interrupted: \(reason)"
        }
    }
}

extension Database {
    fileprivate func claim(service: Int64, after turn: Int64, now: Int64) throws -> Claim? {
        let next = try cachedStatement(
            sql: """
                SELECT jobs.id, jobs.owner_id FROM jobs
                WHERE service_id = ? AND owner_id > ? AND claimable_at IS NOT NULL AND claimable_at <= ?
                    AND deadline_at > ?
                ORDER BY owner_id, claimable_at, id LIMIT 1
                """
        )
        guard
            let row = try Row.fetchOne(next, arguments: [service, turn, now, now])
                ?? Row.fetchOne(next, arguments: [service, 0, now, now])
        else { return nil }
        let id: Int64 = row["id"]
        let taken = try cachedStatement(
            sql: """
                UPDATE jobs SET state = 'running', claimable_at = NULL, attempts = attempts + 1,
                    started_at = coalesce(started_at, ?), progress = NULL, progress_text = NULL
                WHERE id = ? AND claimable_at IS NOT NULL
                RETURNING attempts, attempts - interruptions AS counted, operation_id, inputs, deadline_at,
                    (SELECT public_id FROM accounts WHERE id = jobs.owner_id) AS owner_public_id
                """
        )
        guard let job = try Row.fetchOne(taken, arguments: [now, id]) else { return nil }
        let claim = Claim(
            job: JobID(value: id),
            attempt: job["attempts"],
            counted: job["counted"],
            operation: job["operation_id"],
            service: service,
            owner: row["owner_id"],
            ownerID: try AccountID(stored: job["owner_public_id"]),
            inputs: try JSON(stored: job["inputs"]),
            deadline: Date(milliseconds: job["deadline_at"]),
            fence: .random(in: Int64.min...Int64.max)
        )
        try cachedStatement(sql: "INSERT INTO attempts (job_id, number, fence, started_at) VALUES (?, ?, ?, ?)")
            .execute(arguments: [id, claim.attempt, claim.fence, now])
        return claim
    }

    /// - Returns: false when the attempt is not open any more, or another one has taken its place.
    fileprivate func close(_ claim: Claim, _ ending: String, now: Int64) throws -> Bool {
        try execute(
            sql: """
                UPDATE attempts SET ended_at = ?, ending = ?
                WHERE job_id = ? AND number = ? AND fence = ? AND ended_at IS NULL
                """,
            arguments: [now, String(ending.prefix(1000)), claim.job.value, claim.attempt, claim.fence]
        )
        return changesCount == 1
    }

    fileprivate func apply(_ ending: AttemptEnding, to claim: Claim, now: Int64) throws -> Applied {
        if case .succeeded(let result, let assets) = ending {
            for asset in assets { _ = try insert(asset, owner: claim.owner, now: now) }
            return try end(claim.job, .succeeded, result: result.text, now: now) ? .jobEnded : .stale
        }
        let isCancelled = try Bool.fetchOne(
            self,
            sql: "SELECT cancel_asked FROM jobs WHERE id = ?",
            arguments: [claim.job.value]
        )
        if isCancelled == true {
            let failure = JobFailure(.cancelled, "The job was cancelled.")
            return try end(claim.job, .cancelled, failure: failure, now: now) ? .jobEnded : .stale
        }
        switch ending {
        case .succeeded: return .stale
        case .failed(let failure):
            return try end(claim.job, .failed, failure: failure, now: now) ? .jobEnded : .stale
        case .retry(let date, _):
            try makeClaimable(claim.job, at: date.milliseconds)
            return .claimableAgain
        case .interrupted:
            try execute(
                sql: "UPDATE jobs SET interruptions = interruptions + 1 WHERE id = ?",
                arguments: [claim.job.value]
            )
            try makeClaimable(claim.job, at: now)
            return .claimableAgain
        }
    }

    fileprivate func makeClaimable(_ id: JobID, at time: Int64) throws {
        try execute(
            sql: "UPDATE jobs SET claimable_at = ? WHERE id = ? AND ended_at IS NULL",
            arguments: [time, id.value]
        )
    }
}
