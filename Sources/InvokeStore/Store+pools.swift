package import Foundation
import GRDB
package import InvokeModel

/// How a service's slots and its queue stand.
package struct PoolFigures: Sendable {
    /// The service's row.
    package let id: Int64
    package let service: String
    /// What its definition says.
    package let limits: PoolLimits
    /// Attempts that run.
    package let running: Int
    /// Jobs that can be claimed, now or later.
    package let waiting: Int
    /// When the oldest of them was accepted.
    package let oldestWaiting: Date?
}

extension Store {
    /// How the live services stand, in the order of their registration, from after a row on; costs one look at each waiting
    /// job's index entry.
    package func pools(after: Int64, limit: Int) async throws -> [PoolFigures] {
        try await read { database in
            // A job's id begins with the time of its acceptance.
            try Row.fetchAll(
                database,
                sql: """
                    SELECT services.id, services.name, services.concurrency, services.queue, count(jobs.id) AS waiting,
                        min(jobs.id) AS oldest,
                        (SELECT count(*) FROM attempts JOIN jobs AS held ON held.id = attempts.job_id
                            WHERE attempts.ended_at IS NULL AND held.service_id = services.id) AS running
                    FROM services LEFT JOIN jobs ON jobs.service_id = services.id AND jobs.claimable_at IS NOT NULL
                    WHERE services.retired_at IS NULL AND services.id > ?
                    GROUP BY services.id ORDER BY services.id LIMIT ?
                    """,
                arguments: [after, limit]
            ).map { row in
                PoolFigures(
                    id: row["id"],
                    service: row["name"],
                    limits: PoolLimits(concurrency: row["concurrency"], queue: row["queue"]),
                    running: row["running"],
                    waiting: row["waiting"],
                    oldestWaiting: (row["oldest"] as Int64?).map { JobID(value: $0).acceptedAt }
                )
            }
        }
    }
}
