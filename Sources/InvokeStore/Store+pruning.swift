import Foundation
import GRDB
package import InvokeModel

/// How long things are kept after their end (reliability contract, section 1).
package struct KeepLimits: Sendable {
    /// Succeeded and cancelled jobs.
    package var succeeded: Duration = .seconds(24 * 3600)
    package var failed: Duration = .seconds(7 * 24 * 3600)
    /// Announcements that have arrived, and those that were given up; their jobs stay as long.
    package var delivered: Duration = .seconds(24 * 3600)
    package var dead: Duration = .seconds(7 * 24 * 3600)

    package init() {}

    /// The states in which jobs end, in the order in which they are pruned, with the age from which they go.
    package var ages: [(state: JobState, age: Duration)] {
        [(.succeeded, succeeded), (.cancelled, succeeded), (.failed, failed)]
    }
}

/// A place in the walk through the ended jobs of one state.
package struct EndedJob: Sendable {
    package let id: JobID
    let endedAt: Int64
}

extension Store {
    /// The next ended jobs of a state that are older than `age`, oldest end first: at most 1,000, from after `place`.
    package func ended(_ state: JobState, olderThan age: Duration, after place: EndedJob?) async throws -> [EndedJob] {
        let latest = now.milliseconds - age.milliseconds
        return try await read { try $0.ended(state, until: latest, after: place) }
    }

    /// How many jobs a walk through all that are old enough would remove: it is made, and undone.
    package func countPrunable(keeping limits: KeepLimits) async throws -> Int {
        let now = now.milliseconds
        do {
            try await write { database in
                var number = 0
                for (state, age) in limits.ages {
                    var place: EndedJob?
                    while case let jobs = try database.ended(state, until: now - age.milliseconds, after: place),
                        !jobs.isEmpty
                    {
                        for job in jobs where try database.prune(job.id, keeping: limits, now: now) { number += 1 }
                        place = jobs.last
                    }
                }
                throw UndoneWalk(removed: number)
            }
        } catch let walk as UndoneWalk {
            return walk.removed
        }
        return 0
    }

    /// Removes ended jobs with their attempts, logs, keys and deliveries, in the order given, until the time that one
    /// transaction may take is over; the assets that they made stay. A job with a delivery that is pending, or has ended
    /// too recently, stays too, and so does a child as long as its parent tells of it.
    /// - Returns: how many of the jobs have been looked at.
    package func prune(_ jobs: [EndedJob], keeping limits: KeepLimits) async throws -> Int {
        let now = now.milliseconds
        let (seen, removed) = try await write { database in
            let start = ContinuousClock.now
            var (seen, removed) = (0, 0)
            for job in jobs where ContinuousClock.now - start < Self.longestPruning {
                seen += 1
                if try database.prune(job.id, keeping: limits, now: now) { removed += 1 }
            }
            return (seen, removed)
        }
        counts.add(removed, to: \.pruned)
        return seen
    }

    /// Removes tests of webhooks that have ended long enough ago, and what is left of removed webhooks, some at a time.
    /// - Returns: whether there may be more.
    package func pruneWebhooks(keeping limits: KeepLimits) async throws -> Bool {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM deliveries WHERE id IN (
                        SELECT deliveries.id FROM webhooks INDEXED BY webhooks_removed
                        CROSS JOIN deliveries INDEXED BY deliveries_of_webhook ON webhook_id = webhooks.id
                        WHERE removed_at IS NOT NULL LIMIT :most)
                    OR id IN (
                        SELECT id FROM deliveries INDEXED BY deliveries_tests
                        WHERE job_id IS NULL AND ended_at <= max(:dead, :delivered)
                            AND ended_at <= iif(state = 'dead', :dead, :delivered) LIMIT :most)
                    """,
                arguments: [
                    "most": Self.prunedDeliveries, "dead": now - limits.dead.milliseconds,
                    "delivered": now - limits.delivered.milliseconds,
                ]
            )
            let removed = database.changesCount
            try database.execute(
                sql: """
                    DELETE FROM webhooks WHERE removed_at IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE webhook_id = webhooks.id)
                    """
            )
            return removed >= Self.prunedDeliveries
        }
    }

    /// Gives free pages of the file back to the file system, a few at a time, but for those that new rows will soon take.
    /// - Returns: whether there are more.
    package func shrink() async throws -> Bool {
        try await write { database in
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            guard free > Self.spareSpace else { return false }
            try database.execute(sql: "PRAGMA incremental_vacuum(\(min(free - Self.spareSpace, Self.shrinkStep)))")
            return free - Self.spareSpace > Self.shrinkStep
        }
    }

    /// Others share the transaction, and wait for its end.
    private static let longestPruning: Duration = .milliseconds(20)
    private static let prunedDeliveries = 500
    /// Pages of 4 KiB.
    private static let spareSpace = 1024
    private static let shrinkStep = 256
}

/// Thrown to have a walk undone.
private struct UndoneWalk: Error {
    let removed: Int
}

extension Database {
    /// The next ended jobs of a state, oldest end first: at most 1,000, from after `place`.
    fileprivate func ended(_ state: JobState, until latest: Int64, after place: EndedJob?) throws -> [EndedJob] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT id, ended_at FROM jobs
                WHERE state = :state AND ended_at IS NOT NULL AND ended_at <= :latest
                    AND (ended_at, id) > (:end, :id)
                ORDER BY ended_at, id LIMIT 1000
                """,
            arguments: [
                "state": state.rawValue, "latest": latest, "end": place?.endedAt ?? 0, "id": place?.id.value ?? 0,
            ]
        ).map { EndedJob(id: JobID(value: $0["id"]), endedAt: $0["ended_at"]) }
    }

    /// - Returns: whether the job was removed.
    fileprivate func prune(_ id: JobID, keeping limits: KeepLimits, now: Int64) throws -> Bool {
        guard try parent(of: id) == nil else { return false }
        let deliveries = try cachedStatement(
            sql: """
                SELECT count(*) FROM deliveries WHERE job_id = :job AND (state = 'pending'
                    OR ended_at > iif(state = 'dead', :dead, :delivered))
                """
        )
        let needed = try Int.fetchOne(
            deliveries,
            arguments: [
                "job": id.value, "dead": now - limits.dead.milliseconds,
                "delivered": now - limits.delivered.milliseconds,
            ]
        )
        guard needed == 0 else { return false }
        try cachedStatement(sql: "DELETE FROM deliveries WHERE job_id = ?").execute(arguments: [id.value])
        try cachedStatement(sql: "DELETE FROM jobs WHERE id = ? AND ended_at IS NOT NULL").execute(arguments: [id.value]
        )
        return changesCount == 1
    }
}
