package import Foundation
import GRDB
import InvokeModel

/// How things stand in the store.
package struct StoreFigures: Sendable {
    package let totals: StoreTotals
    /// Jobs that can be claimed, now or later.
    package let waiting: Int
    /// When the oldest of them was accepted.
    package let oldestWaiting: Date?
    /// Attempts that run.
    package let running: Int
    /// Announcements that have not arrived yet.
    package let pendingDeliveries: Int
    /// Announcements that were given up.
    package let deadDeliveries: Int
    /// When the one that is due first was, or will be, due.
    package let nextDelivery: Date?
    /// Bytes of the write-ahead log.
    package let walBytes: Int
}

extension Store {
    /// How many jobs wait and how many attempts run: cheap enough for anybody to ask, as often as he likes.
    package func load() async throws -> (waiting: Int, running: Int) {
        let running = try await read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM attempts WHERE ended_at IS NULL") ?? 0
        }
        return (waitingJobs.total, running)
    }

    /// Counts what waits and runs; costs one look at each waiting job's index entry.
    package func figures() async throws -> StoreFigures {
        var totals = counts.totals
        totals.commits = commits.commitCount
        return try await read { [totals] database in
            // A job's id begins with the time of its acceptance.
            let waiting = try Row.fetchOne(
                database,
                sql: "SELECT count(*) AS number, min(id) AS oldest FROM jobs WHERE claimable_at IS NOT NULL"
            )
            let deliveries = try Row.fetchOne(
                database,
                sql: """
                    SELECT pending, dead, (SELECT min(next_at) FROM delivery_queues) AS next FROM outbox
                    """
            )
            let file = try String.fetchOne(database, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'")
            return StoreFigures(
                totals: totals,
                waiting: waiting?["number"] ?? 0,
                oldestWaiting: (waiting?["oldest"] as Int64?).map { JobID(value: $0).acceptedAt },
                running: try Int.fetchOne(database, sql: "SELECT count(*) FROM attempts WHERE ended_at IS NULL") ?? 0,
                pendingDeliveries: deliveries?["pending"] ?? 0,
                deadDeliveries: deliveries?["dead"] ?? 0,
                nextDelivery: (deliveries?["next"] as Int64?).map(Date.init(milliseconds:)),
                walBytes: file.map { Self.bytes(of: $0 + "-wal") } ?? 0
            )
        }
    }

    /// Writes the time into the store: the proof that it takes writes.
    /// - Throws: `storageUnavailable` when it does not.
    package func writeTime() async throws {
        let now = now.milliseconds
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO settings (key, value) VALUES ('written_at', :now)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value
                    """,
                arguments: ["now": String(now)]
            )
        }
    }

    private static func bytes(of path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}

extension JobID {
    var acceptedAt: Date { Date(milliseconds: (value >> 18) + Self.epoch) }

    /// The lowest id that a job can have which is accepted at a time or after it.
    init(earliestAt date: Date) { self.init(value: max(0, date.milliseconds - Self.epoch) << 18) }
}
