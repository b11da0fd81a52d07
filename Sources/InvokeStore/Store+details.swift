import Foundation
import GRDB
package import InvokeModel

extension Store {
    /// A job's attempts and children, and why it waits if it does. `slots` is how many jobs of a service run at once when its
    /// definition does not say.
    package func details(of id: JobID, slots: Int) async throws -> JobDetails {
        let now = now.milliseconds
        let children = try result(of: id)?.children ?? []
        return try await read { database in
            JobDetails(
                waiting: try database.waiting(id, slots: slots, now: now),
                attempts: try Row.fetchAll(
                    database,
                    sql: """
                        SELECT number, started_at, ended_at, ending, engine, place FROM attempts
                        WHERE job_id = ? ORDER BY number
                        """,
                    arguments: [id.value]
                ).map { row in
                    AttemptRecord(
                        number: row["number"],
                        startedAt: Date(milliseconds: row["started_at"]),
                        endedAt: (row["ended_at"] as Int64?).map(Date.init(milliseconds:)),
                        cause: row["ending"],
                        engine: (row["engine"] as String?).flatMap(Engine.init(rawValue:)),
                        place: row["place"]
                    )
                },
                children: children
            )
        }
    }
}

/// What a job's place in the queue depends on.
struct QueuePlace {
    let job: Int64
    let pool: PoolID
    let owner: Int64
    let claimableAt: Int64
}

extension Database {
    /// How many waiting jobs of one caller, and how many callers, are looked at.
    private static let farthest = 1000
    private static let mostCallers = 100

    fileprivate func waiting(_ id: JobID, slots: Int, now: Int64) throws -> JobWaiting? {
        guard
            let row = try Row.fetchOne(
                self,
                sql: """
                    SELECT service_id, pool, owner_id, claimable_at FROM jobs
                    WHERE id = ? AND claimable_at IS NOT NULL
                    """,
                arguments: [id.value]
            )
        else { return nil }
        let place = QueuePlace(
            job: id.value,
            pool: PoolID(service: row["service_id"], stored: row["pool"]),
            owner: row["owner_id"],
            claimableAt: row["claimable_at"]
        )
        if place.claimableAt > now {
            return JobWaiting(
                .retry,
                "The last attempt did not come to an end; the job is tried again at the time named.",
                until: Date(milliseconds: place.claimableAt)
            )
        }
        return try waiting(at: place, slots: slots, now: now)
    }

    /// Why a job at a place of the queue waits that could be claimed now.
    func waiting(at place: QueuePlace, slots: Int, now: Int64) throws -> JobWaiting {
        let own = try olderJobs(than: place)
        let others = try turnsOfOthers(while: own, place, now: now)
        let running =
            try Int.fetchOne(
                self,
                sql: """
                    SELECT count(*) FROM attempts JOIN jobs ON jobs.id = attempts.job_id
                    WHERE attempts.ended_at IS NULL AND jobs.service_id = ? AND jobs.pool = ?
                    """,
                arguments: [place.pool.service, place.pool.name]
            ) ?? 0
        let limits = try service(id: place.pool.service).pool
        guard running >= limits.slots(of: place.pool.engine, default: slots) else {
            return JobWaiting(.starting, "A slot of the service is free.", ahead: own + others)
        }
        let what =
            "slot\(running == 1 ? "" : "s") of the service"
            + (place.pool.engine.map { " by the engine \($0.rawValue)" } ?? "")
        let busy = running == 1 ? "The one \(what) is busy" : "All \(running) \(what) are busy"
        guard own > 0, others > 0 else { return JobWaiting(.poolFull, "\(busy).", ahead: own + others) }
        return JobWaiting(
            .fairShare,
            "\(busy), callers take turns, and \(own) of the caller's own jobs are older.",
            ahead: own + others
        )
    }

    /// The caller's own jobs that are served before this one, counted up to `farthest`.
    private func olderJobs(than place: QueuePlace) throws -> Int {
        try Int.fetchOne(
            self,
            sql: """
                SELECT count(*) FROM (SELECT 1 FROM jobs
                    WHERE service_id = ? AND pool = ? AND owner_id = ? AND claimable_at IS NOT NULL
                        AND (claimable_at, id) < (?, ?) LIMIT ?)
                """,
            arguments: [
                place.pool.service, place.pool.name, place.owner, place.claimableAt, place.job, Self.farthest,
            ]
        ) ?? 0
    }

    /// The jobs of others that may be served until the caller has had `own` turns and one more: as many of each.
    private func turnsOfOthers(while own: Int, _ place: QueuePlace, now: Int64) throws -> Int {
        try Int.fetchOne(
            self,
            sql: """
                WITH RECURSIVE callers (id) AS (
                    SELECT min(owner_id) FROM jobs
                    WHERE service_id = :service AND pool = :pool AND claimable_at IS NOT NULL
                    UNION ALL
                    SELECT (SELECT min(owner_id) FROM jobs
                        WHERE service_id = :service AND pool = :pool AND owner_id > callers.id
                            AND claimable_at IS NOT NULL)
                    FROM callers WHERE callers.id IS NOT NULL LIMIT :callers)
                SELECT coalesce(sum((SELECT count(*) FROM (SELECT 1 FROM jobs
                    WHERE service_id = :service AND pool = :pool AND owner_id = callers.id
                        AND claimable_at IS NOT NULL AND claimable_at <= :now LIMIT :turns))), 0)
                FROM callers WHERE callers.id IS NOT NULL AND callers.id != :owner
                """,
            arguments: [
                "service": place.pool.service, "pool": place.pool.name, "owner": place.owner, "now": now,
                "turns": own + 1, "callers": Self.mostCallers,
            ]
        ) ?? 0
    }
}
