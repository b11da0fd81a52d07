package import Foundation
import GRDB
package import InvokeModel
import OrderedCollections

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
    /// How each pool of an engine's own stands, in the order of the engines' names.
    package let engines: [EnginePoolFigures]
}

/// How the slots of a service for one engine stand.
package struct EnginePoolFigures: Sendable {
    package let engine: Engine
    package let concurrency: Int
    package let running: Int
    package let waiting: Int
}

extension Store {
    /// How the live services stand, in the order of their registration, from after a row on; costs one look at each waiting
    /// job's index entry.
    package func pools(after: Int64, limit: Int) async throws -> [PoolFigures] {
        try await read { database in
            // A job's id begins with the time of its acceptance.
            let waiting = try Row.fetchAll(
                database,
                sql: """
                    SELECT services.id, services.name, concurrency, engine_slots, queue, coalesce(jobs.pool, '') AS pool,
                        count(jobs.id) AS waiting, min(jobs.id) AS oldest
                    FROM (SELECT * FROM services WHERE retired_at IS NULL AND id > ? ORDER BY id LIMIT ?) AS services
                    LEFT JOIN jobs ON jobs.service_id = services.id AND jobs.claimable_at IS NOT NULL
                    GROUP BY services.id, jobs.pool ORDER BY services.id
                    """,
                arguments: [after, limit]
            )
            let running = try Row.fetchAll(
                database,
                sql: """
                    SELECT service_id, pool, count(*) AS running FROM attempts JOIN jobs ON jobs.id = attempts.job_id
                    WHERE attempts.ended_at IS NULL GROUP BY service_id, pool
                    """
            ).reduce(into: [:]) { $0[PoolID(service: $1["service_id"], stored: $1["pool"])] = $1["running"] as Int }
            let services = OrderedDictionary(grouping: waiting) { $0["id"] as Int64 }
            return try services.map { id, rows in try PoolFigures(service: id, rows, running: running) }
        }
    }
}

extension PoolFigures {
    /// `rows` tell what waits, pool by pool.
    fileprivate init(service id: Int64, _ rows: [Row], running: [PoolID: Int]) throws {
        let limits = try PoolLimits(row: rows[0])
        func waiting(_ pool: PoolID) -> Int {
            rows.filter { PoolID(service: id, stored: $0["pool"]) == pool }.reduce(0) { $0 + $1["waiting"] as Int }
        }
        self.init(
            id: id,
            service: rows[0]["name"],
            limits: limits,
            running: running.reduce(0) { $1.key.service == id ? $0 + $1.value : $0 },
            waiting: rows.reduce(0) { $0 + $1["waiting"] as Int },
            oldestWaiting: rows.compactMap { $0["oldest"] as Int64? }.min().map { JobID(value: $0).acceptedAt },
            engines: limits.engines.sorted { $0.key.rawValue < $1.key.rawValue }.map { engine, concurrency in
                let pool = PoolID(service: id, engine: engine)
                return EnginePoolFigures(
                    engine: engine,
                    concurrency: concurrency,
                    running: running[pool] ?? 0,
                    waiting: waiting(pool)
                )
            }
        )
    }
}
