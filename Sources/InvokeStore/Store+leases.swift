import Foundation
import GRDB
package import InvokeModel

/// An attempt that was open when the agent started.
package struct OpenAttempt: Sendable {
    package let job: JobID
    package let number: Int
    package let pool: PoolID
    /// What was to run it; nil for what ends with the agent.
    package let engine: Engine?
}

/// What a renewal of leases has found.
package struct LeaseNews: Sendable {
    /// Attempts that somebody else has ended: what they run has to stop, and what they say does not count.
    package let lost: [Claim]
    /// Attempts whose job is to be cancelled.
    package let cancelled: [Claim]
    /// How many attempts had been renewed by nobody.
    package let rescued: Int
}

extension Store {
    /// Renews the leases of the attempts that this process runs, then rescues the jobs of those that nobody has renewed
    /// in time (reliability promises J4 and J10).
    ///
    /// Both in one transaction and by one look at the clock, so that an agent that has been stopped for a while finds
    /// its own leases again before it takes them for lost. A rescued job can be claimed again after `delay` (of the
    /// attempts that count so far), or has failed when there have been `maximum`.
    package func renew(
        _ held: [Claim],
        for lease: Duration,
        maximum: Int,
        delay: @escaping @Sendable (Int) -> Duration
    ) async throws -> LeaseNews {
        let now = now.milliseconds
        let (news, ended) = try await write { database in
            var (lost, cancelled): ([Claim], [Claim]) = ([], [])
            for claim in held {
                switch try database.renew(claim, until: now + lease.milliseconds) {
                case nil: lost.append(claim)
                case true?: cancelled.append(claim)
                case false?: break
                }
            }
            var ended = EndedJobs()
            let expired = try Row.fetchAll(
                database,
                sql: "SELECT job_id FROM attempts WHERE ended_at IS NULL AND lease_until <= ? LIMIT 500",
                arguments: [now]
            ).map { JobID(value: $0["job_id"]) }
            for job in expired {
                try database.closeAttempts(of: job, "lost: its lease was not renewed", now: now)
                ended += try database.release(job, maximum: maximum, now: now, delay: delay)
            }
            return (LeaseNews(lost: lost, cancelled: cancelled, rescued: expired.count), ended)
        }
        counts.add(news.rescued, to: \.rescues)
        announce(ended)
        return news
    }

    /// Ends every job that still runs at `grace` after its deadline, whatever its worker does (promise J3); the worker
    /// finds its lease lost.
    package func failOverrun(grace: Duration) async throws {
        let now = now.milliseconds
        let ended = try await write { database in
            let overrun = try Row.fetchAll(
                database,
                sql: """
                    SELECT jobs.id, cancel_asked FROM attempts JOIN jobs ON jobs.id = attempts.job_id
                    WHERE attempts.ended_at IS NULL AND deadline_at <= ? LIMIT 500
                    """,
                arguments: [now - grace.milliseconds]
            )
            return try overrun.reduce(into: EndedJobs()) { ended, row in
                let id = JobID(value: row["id"])
                try database.closeAttempts(of: id, "lost: the job's deadline had passed", now: now)
                ended += try database.endOverdue(id, isCancelAsked: row["cancel_asked"], now: now)
            }
        }
        announce(ended)
    }

    /// Milliseconds; the longest delay before another attempt (reliability contract, section 1).
    private static let longestRetry: Int64 = 300_000

    package func openAttempts() async throws -> [OpenAttempt] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT job_id, number, service_id, pool, engine FROM attempts JOIN jobs ON jobs.id = attempts.job_id
                    WHERE attempts.ended_at IS NULL ORDER BY job_id
                    """
            ).map { row in
                OpenAttempt(
                    job: JobID(value: row["job_id"]),
                    number: row["number"],
                    pool: PoolID(service: row["service_id"], stored: row["pool"]),
                    engine: (row["engine"] as String?).flatMap(Engine.init(rawValue:))
                )
            }
        }
    }

    /// Ends what an earlier run of the agent left open, without waiting for leases: its attempts are `interrupted`, their
    /// jobs can be claimed again, or have failed when they have been started too often.
    ///
    /// The attempts that are kept stay open, their leases for another `lease`. `maximum` is the number of attempts after which
    /// a job that keeps being interrupted fails (promise J5). A retry that lies further ahead than any may was put there by a
    /// clock that has been set back since.
    package func recover(
        keeping kept: [OpenAttempt] = [],
        for lease: Duration = .zero,
        maximum: Int
    ) async throws {
        let now = now.milliseconds
        let ended = try await write { database in
            try database.execute(
                sql: "UPDATE jobs SET claimable_at = :latest WHERE claimable_at IS NOT NULL AND claimable_at > :latest",
                arguments: ["latest": now + Self.longestRetry]
            )
            for attempt in kept {
                try database.executeCached(
                    sql: "UPDATE attempts SET lease_until = ? WHERE job_id = ? AND number = ?",
                    arguments: [now + lease.milliseconds, attempt.job.value, attempt.number]
                )
            }
            let keptJobs = Set(kept.map(\.job.value))
            let open = try Int64.fetchAll(database, sql: "SELECT job_id FROM attempts WHERE ended_at IS NULL")
                .filter { !keptJobs.contains($0) }
            return try open.map(JobID.init(value:)).reduce(into: EndedJobs()) { ended, job in
                try database.closeAttempts(of: job, "interrupted", now: now)
                ended += try database.release(job, maximum: maximum, now: now) { _ in .zero }
            }
        }
        announce(ended)
    }
}

extension Database {
    /// - Returns: whether the job is to be cancelled; nil when the attempt is not open any more.
    fileprivate func renew(_ claim: Claim, until time: Int64) throws -> Bool? {
        try cachedStatement(
            sql: """
                UPDATE attempts SET lease_until = ?
                WHERE job_id = ? AND number = ? AND fence = ? AND ended_at IS NULL
                """
        ).execute(arguments: [time, claim.job.value, claim.attempt, claim.fence])
        guard changesCount == 1 else { return nil }
        let question = try cachedStatement(sql: "SELECT cancel_asked FROM jobs WHERE id = ?")
        return try Bool.fetchOne(question, arguments: [claim.job.value])
    }

    fileprivate func closeAttempts(of job: JobID, _ ending: String, now: Int64) throws {
        try execute(
            sql: "UPDATE attempts SET ended_at = ?, ending = ? WHERE job_id = ? AND ended_at IS NULL",
            arguments: [now, ending, job.value]
        )
    }

    /// Lets go of a job whose attempt has been lost: it can be claimed again, unless that has no sense any more.
    fileprivate func release(
        _ id: JobID,
        maximum: Int,
        now: Int64,
        delay: (Int) -> Duration
    ) throws -> EndedJobs {
        guard
            let job = try Row.fetchOne(
                self,
                sql: "SELECT attempts - interruptions AS counted, cancel_asked, deadline_at FROM jobs WHERE id = ?",
                arguments: [id.value]
            )
        else { return EndedJobs() }
        let counted: Int = job["counted"]
        if job["cancel_asked"] || job["deadline_at"] <= now {
            return try endOverdue(id, isCancelAsked: job["cancel_asked"], now: now)
        }
        guard counted < maximum else {
            let failure = JobFailure(.attemptsExhausted, "The job was lost \(counted) times while it ran.")
            return try end(id, .failed, failure: failure, now: now)
        }
        try makeClaimable(id, at: now + delay(counted).milliseconds)
        return EndedJobs()
    }

    fileprivate func endOverdue(_ id: JobID, isCancelAsked: Bool, now: Int64) throws -> EndedJobs {
        try isCancelAsked
            ? end(id, .cancelled, failure: .wasCancelled, now: now)
            : end(id, .failed, failure: JobFailure(.deadlinePassed, "The job's deadline passed."), now: now)
    }
}

extension JobFailure {
    static let wasCancelled = JobFailure(.cancelled, "The job was cancelled.")
}
