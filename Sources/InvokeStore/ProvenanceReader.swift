import Foundation
import GRDB
import InvokeModel

/// Reads stored provenance as one account may see it. Every step is a search in an index.
package struct ProvenanceReader {
    /// An asset that a walk has come to, and over how many jobs.
    struct Place {
        let row: Int64
        let id: AssetID
        let isOperation: Bool
        let depth: Int
    }

    private let database: Database
    private let reader: StatementArguments

    init(_ database: Database, _ account: Account?) {
        self.database = database
        reader = Asset.reader(account)
    }

    /// Where a walk begins; nil when there is no such asset that may be seen.
    func place(of asset: AssetID) throws -> Place? {
        let statement = try database.cachedStatement(
            sql: "SELECT \(Self.columns) FROM assets WHERE assets.asset_id = :asset AND \(Asset.isVisible)"
        )
        return try Row.fetchOne(statement, arguments: reader + ["asset": Data(asset.bytes)])
            .map { try Place(row: $0, depth: 0) }
    }

    /// The assets that a walk leads to from after the last one of the page before, and one more than it asks for when
    /// there are more.
    func walk(_ walk: ProvenanceWalk, from start: Place) throws -> [Place] {
        let neighbours = try database.cachedStatement(sql: Self.neighbours(walk.direction))
        var queue = [start]
        var seen: Set = [start.row]
        // Where the page begins in the queue.
        var first = walk.after == nil ? 0 : walk.after == start.row ? 1 : nil
        var isFull: Bool { first.map { queue.count - $0 > walk.limit } ?? false }
        var next = 0
        while next < queue.count, queue[next].depth < walk.depth, !isFull {
            let place = queue[next]
            next += 1
            let rows = try Row.fetchCursor(neighbours, arguments: reader + ["asset": place.row])
            while !isFull, let row = try rows.next() {
                guard seen.insert(row[0]).inserted else { continue }
                let found = try Place(row: row, depth: place.depth + 1)
                queue.append(found)
                if found.row == walk.after { first = queue.count }
            }
        }
        guard let first else {
            throw Refusal(.invalidParameter, "The cursor is not one of this walk; take the one of the page before.")
        }
        return Array(queue[first...])
    }

    /// The jobs that made these assets, each once, with those of them that it made.
    func activities(making places: some Sequence<Place>) throws -> [ActivityRecord] {
        let ids = Dictionary(uniqueKeysWithValues: places.map { ($0.row, $0.id) })
        var jobs: [JobID] = []
        var records: [JobID: ActivityRecord] = [:]
        let made = try database.cachedStatement(
            sql: """
                SELECT generated.asset_id AS made, activity.job_id, \(ActivityRecord.columns)
                FROM json_each(:rows) AS asked CROSS JOIN generated ON generated.asset_id = asked.value
                CROSS JOIN activities AS activity ON activity.job_id = generated.job_id \(ActivityRecord.joins)
                ORDER BY asked.key
                """
        )
        let rows = try Row.fetchCursor(made, arguments: ["rows": Self.list(places.map(\.row))])
        while let row = try rows.next() {
            let job = JobID(value: row["job_id"])
            guard let id = ids[row["made"]] else { continue }
            if records[job] == nil {
                jobs.append(job)
                records[job] = try ActivityRecord(row: row)
            }
            records[job]?.generated.append(id)
        }
        for (job, asset) in try assets("used", of: jobs) where asset != records[job]?.operation {
            records[job]?.inputs.append(asset)
        }
        return jobs.compactMap { records[$0] }
    }

    /// A job with all that it used and made; the job's own row tells of one that made nothing.
    func activity(of job: JobID) throws -> ActivityRecord? {
        guard var record = try record(of: job, in: "activities", key: "job_id") else {
            return try record(of: job, in: "jobs", key: "id")
        }
        record.inputs = try assets("used", of: [job]).map(\.asset).filter { $0 != record.operation }
        record.generated = try assets("generated", of: [job]).map(\.asset)
        return record
    }

    private func record(of job: JobID, in table: String, key: String) throws -> ActivityRecord? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT activity.\(key) AS job_id, \(ActivityRecord.columns)
                FROM \(table) AS activity \(ActivityRecord.joins) WHERE activity.\(key) = ?
                """
        )
        return try Row.fetchOne(statement, arguments: [job.value]).map(ActivityRecord.init(row:))
    }

    /// What jobs used or made, the jobs in their order.
    private func assets(_ relation: String, of jobs: [JobID]) throws -> [(job: JobID, asset: AssetID)] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(relation).job_id, assets.asset_id
                FROM json_each(:jobs) AS asked CROSS JOIN \(relation) ON \(relation).job_id = asked.value
                CROSS JOIN assets ON assets.id = \(relation).asset_id
                WHERE \(Asset.isVisible) ORDER BY asked.key, assets.id
                """
        )
        return try Row.fetchAll(statement, arguments: reader + ["jobs": Self.list(jobs.map(\.value))])
            .map { (JobID(value: $0[0]), try AssetID(stored: $0[1])) }
    }

    /// Numbers as SQLite takes a list of them.
    private static func list(_ numbers: [Int64]) -> String { "[\(numbers.map(String.init).joined(separator: ","))]" }

    private static let columns = """
        assets.id, assets.asset_id, EXISTS (SELECT 1 FROM operations WHERE operations.asset_id = assets.asset_id)
        """

    /// What one job lies between: its assets in an order that never changes. The joins are crossed so that SQLite takes
    /// the tables in this order.
    package static func neighbours(_ direction: ProvenanceWalk.Direction) -> String {
        let (near, far) = direction == .up ? ("generated", "used") : ("used", "generated")
        return """
            SELECT \(columns) FROM \(near) CROSS JOIN \(far) ON \(far).job_id = \(near).job_id
            CROSS JOIN assets ON assets.id = \(far).asset_id
            WHERE \(near).asset_id = :asset AND \(Asset.isVisible)
            ORDER BY \(near).job_id, \(far).asset_id
            """
    }
}

extension ProvenanceReader.Place {
    fileprivate init(row: Row, depth: Int) throws {
        self.init(row: row[0], id: try AssetID(stored: row[1]), isOperation: row[2], depth: depth)
    }
}

extension ActivityRecord {
    fileprivate static let columns = """
        activity.operation_id, activity.started_at, activity.ended_at, operations.asset_id AS operation_asset,
        accounts.public_id, services.owner_id AS provider_id
        """

    fileprivate static let joins = """
        JOIN operations ON operations.id = activity.operation_id JOIN services ON services.id = operations.service_id
        JOIN accounts ON accounts.id = activity.owner_id
        """

    fileprivate init(row: Row) throws {
        self.init(
            job: JobID(value: row["job_id"]),
            operation: try AssetID(stored: row["operation_asset"]),
            operationRow: row["operation_id"],
            owner: try AccountID(stored: row["public_id"]),
            provider: row["provider_id"],
            startedAt: (row["started_at"] as Int64?).map(Date.init(milliseconds:)),
            endedAt: (row["ended_at"] as Int64?).map(Date.init(milliseconds:)),
            inputs: [],
            generated: []
        )
    }
}
