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
    package let pool: PoolID
    package let owner: Int64
    package let ownerID: AccountID
    package let inputs: JSON
    package let deadline: Date
    /// When the attempt began.
    package let startedAt: Date
    let fence: Int64

    /// Tells attempts apart.
    package struct Name: Sendable, Hashable {
        package let job: JobID
        package let attempt: Int
    }

    package var name: Name { Name(job: job, attempt: attempt) }
}

extension Claim {
    /// `job` has what is known of the job's own row.
    fileprivate init(
        _ id: JobID,
        attempt: Int,
        _ job: Row,
        pool: PoolID,
        owner: Int64,
        startedAt: Int64,
        fence: Int64
    ) throws {
        self.init(
            job: id,
            attempt: attempt,
            counted: job["counted"],
            operation: job["operation_id"],
            pool: pool,
            owner: owner,
            ownerID: try AccountID(stored: job["owner_public_id"]),
            inputs: try JSON(stored: job["inputs"]),
            deadline: Date(milliseconds: job["deadline_at"]),
            startedAt: Date(milliseconds: startedAt),
            fence: fence
        )
    }
}

/// The right to end one attempt. It can be used once; one that is dropped is rescued when its time is over.
package struct Lease: ~Copyable {
    package let claim: Claim

    fileprivate init(_ claim: Claim) { self.claim = claim }
}

/// How a worker ends an attempt.
package enum AttemptEnding: Sendable {
    /// The output values, the assets among them that have just been made, and how they were.
    case succeeded(result: JSON, assets: [NewAsset], objects: [PlacedObject] = [], activity: NewActivity? = nil)
    case failed(JobFailure)
    /// The job stays `running` and can be claimed again at a later time.
    case retry(at: Date, reason: String)
    /// Not the job's fault and not counted: it can be claimed again at once, or at a later time.
    case interrupted(reason: String, until: Date? = nil)
}

extension Store {
    /// Claims the next job of a pool: the callers take turns, each one's oldest job first.
    ///
    /// `turn` is the account that was served before; the next one in number is served now. A job whose deadline has
    /// passed is left for `failOverdue` (reliability promise J7). The attempt has to be renewed within `lease`.
    package func claim(
        _ pool: PoolID,
        after turn: Int64,
        lease: Duration = .seconds(30)
    ) async throws -> Lease? {
        let now = now.milliseconds
        let claim = try await write {
            try $0.claim(pool, after: turn, now: now, leaseUntil: now + lease.milliseconds)
        }
        return claim.map(Lease.init)
    }

    /// Takes over an attempt that an earlier run of the agent has begun and that goes on.
    /// - Returns: nil when it has been ended meanwhile.
    package func resume(_ attempt: OpenAttempt, lease: Duration) async throws -> Lease? {
        let now = now.milliseconds
        let claim = try await write { try $0.claim(of: attempt, leaseUntil: now + lease.milliseconds) }
        return claim.map(Lease.init)
    }

    /// Stores what is about to run the attempt, so that a later start of the agent can find it there.
    package func note(_ engine: Engine, of claim: Claim) async throws {
        try await set("engine", engine.rawValue, of: claim)
    }

    /// Stores where the attempt is, in the words of what runs it.
    package func note(place: String, of claim: Claim) async throws {
        try await set("place", String(place.prefix(200)), of: claim)
    }

    private func set(_ column: String, _ value: String, of claim: Claim) async throws {
        try await write { database in
            try database.executeCached(
                sql: "UPDATE attempts SET \(column) = ? WHERE job_id = ? AND number = ? AND fence = ?",
                arguments: [value, claim.job.value, claim.attempt, claim.fence]
            )
        }
    }

    /// Forgets what an attempt's program has said so far: it is going to be told again from the beginning.
    package func rewindLog(of claim: Claim) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM job_events WHERE job_id = :job AND kind = 'log' AND id >
                        (SELECT max(id) FROM job_events WHERE job_id = :job AND kind = 'attempt' AND number = :number)
                    """,
                arguments: ["job": claim.job.value, "number": claim.attempt]
            )
        }
    }

    /// Ends an attempt, and with it the job unless it is to be tried again: one transaction with the assets it made.
    ///
    /// While the store takes no writes it tries again and again, so that a full disk costs no result.
    /// - Returns: false when the attempt had been ended by somebody else: then nothing of this has happened.
    package func end(_ lease: consuming Lease, as ending: AttemptEnding) async throws -> Bool {
        let claim = lease.claim
        let now = now.milliseconds
        let applied = try await insist {
            try await write { database in
                guard try database.close(claim, ending.word, now: now) else { return Applied.stale }
                return try database.apply(ending, to: claim, now: now)
            }
        }
        switch applied {
        case .stale:
            counts.add(1, to: \.staleEndings)
            return false
        case .jobEnded(let ended): announce(ended)
        case .claimableAgain: counts.add(1, to: \.retries)
        }
        return true
    }

    /// Does a write that must not be lost: again and again while the store takes none (reliability promise D7).
    package nonisolated(nonsending) func insist<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do { return try await body() } catch let refusal as Refusal where refusal.code == .storageUnavailable {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// The pools with a job that can be claimed now.
    package func poolsWithWork() async throws -> [PoolID] {
        let now = now.milliseconds
        return try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT DISTINCT service_id, pool FROM jobs WHERE claimable_at IS NOT NULL AND claimable_at <= ?",
                arguments: [now]
            ).map { PoolID(service: $0["service_id"], stored: $0["pool"]) }
        }
    }
}

private enum Applied {
    case stale, claimableAgain
    /// By this, or before by its parent.
    case jobEnded(EndedJobs)
}

extension AttemptEnding {
    fileprivate var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed(let failure): "failed: \(failure.text)"
        case .retry(_, let reason): "retry: \(reason)"
        case .interrupted(let reason, _): "interrupted: \(reason)"
        }
    }
}

extension Database {
    /// How many attempts of a job are kept (reliability promise J11).
    private static let history = 20

    fileprivate func claim(_ pool: PoolID, after turn: Int64, now: Int64, leaseUntil: Int64) throws -> Claim? {
        let next = try cachedStatement(
            sql: """
                SELECT jobs.id, jobs.owner_id FROM jobs
                WHERE service_id = ? AND pool = ? AND owner_id > ? AND claimable_at IS NOT NULL
                    AND claimable_at <= ? AND deadline_at > ?
                ORDER BY owner_id, claimable_at, id LIMIT 1
                """
        )
        guard
            let row = try Row.fetchOne(next, arguments: [pool.service, pool.name, turn, now, now])
                ?? Row.fetchOne(next, arguments: [pool.service, pool.name, 0, now, now])
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
        let claim = try Claim(
            JobID(value: id),
            attempt: job["attempts"],
            job,
            pool: pool,
            owner: row["owner_id"],
            startedAt: now,
            fence: .random(in: Int64.min...Int64.max)
        )
        try cachedStatement(
            sql: "INSERT INTO attempts (job_id, number, fence, started_at, lease_until) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [id, claim.attempt, claim.fence, now, leaseUntil])
        if claim.attempt > Self.history {
            try execute(
                sql: "DELETE FROM attempts WHERE job_id = ? AND number <= ?",
                arguments: [id, claim.attempt - Self.history]
            )
        }
        return claim
    }

    fileprivate func claim(of attempt: OpenAttempt, leaseUntil: Int64) throws -> Claim? {
        let row = try Row.fetchOne(
            self,
            sql: """
                UPDATE attempts SET lease_until = :until WHERE job_id = :job AND number = :number AND ended_at IS NULL
                RETURNING started_at, fence
                """,
            arguments: ["until": leaseUntil, "job": attempt.job.value, "number": attempt.number]
        )
        guard let row,
            let job = try Row.fetchOne(
                self,
                sql: """
                    SELECT attempts - interruptions AS counted, operation_id, service_id, pool, owner_id, inputs,
                        deadline_at,
                        (SELECT public_id FROM accounts WHERE id = jobs.owner_id) AS owner_public_id
                    FROM jobs WHERE id = ?
                    """,
                arguments: [attempt.job.value]
            )
        else { return nil }
        return try Claim(
            attempt.job,
            attempt: attempt.number,
            job,
            pool: PoolID(service: job["service_id"], stored: job["pool"]),
            owner: job["owner_id"],
            startedAt: row["started_at"],
            fence: row["fence"]
        )
    }

    /// - Returns: false when the attempt is not open any more, or another one has taken its place.
    fileprivate func close(_ claim: Claim, _ ending: String, now: Int64) throws -> Bool {
        try executeCached(
            sql: """
                UPDATE attempts SET ended_at = ?, ending = ?
                WHERE job_id = ? AND number = ? AND fence = ? AND ended_at IS NULL
                """,
            arguments: [now, String(ending.prefix(1000)), claim.job.value, claim.attempt, claim.fence]
        )
        return changesCount == 1
    }

    fileprivate func apply(_ ending: AttemptEnding, to claim: Claim, now: Int64) throws -> Applied {
        if case .succeeded(let result, let assets, let objects, let activity) = ending {
            let ended = try end(claim.job, .succeeded, result: result.text, now: now)
            guard !ended.ids.isEmpty else {
                // Its job has been cancelled with its parent meanwhile.
                try executeCached(
                    sql: "UPDATE attempts SET ending = 'too late: the job had ended' WHERE job_id = ? AND number = ?",
                    arguments: [claim.job.value, claim.attempt]
                )
                return .jobEnded(ended)
            }
            for asset in assets { _ = try insert(asset, owner: claim.owner, now: now) }
            for placed in objects { try put(placed, of: claim, at: Date(milliseconds: now)) }
            if let activity, !assets.isEmpty { try insert(activity, of: claim, making: assets.map(\.id)) }
            return .jobEnded(ended)
        }
        let isCancelled = try Bool.fetchOne(
            cachedStatement(sql: "SELECT cancel_asked FROM jobs WHERE id = ?"),
            arguments: [claim.job.value]
        )
        if isCancelled == true {
            return .jobEnded(try end(claim.job, .cancelled, failure: .wasCancelled, now: now))
        }
        switch ending {
        case .succeeded: return .stale
        case .failed(let failure):
            return .jobEnded(try end(claim.job, .failed, failure: failure, now: now))
        case .retry(let date, _):
            try makeClaimable(claim.job, at: date.milliseconds)
            return .claimableAgain
        case .interrupted(_, let date):
            try executeCached(
                sql: "UPDATE jobs SET interruptions = interruptions + 1 WHERE id = ?",
                arguments: [claim.job.value]
            )
            try makeClaimable(claim.job, at: date?.milliseconds ?? now)
            return .claimableAgain
        }
    }

    func makeClaimable(_ id: JobID, at time: Int64) throws {
        try executeCached(
            sql: "UPDATE jobs SET claimable_at = ? WHERE id = ? AND ended_at IS NULL",
            arguments: [time, id.value]
        )
    }
}
