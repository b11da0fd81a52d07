package import Foundation
import GRDB
package import InvokeModel

/// How the assets that a job made came to be; about to be stored with them.
package struct NewActivity: Sendable {
    /// The assets among the job's inputs.
    package let inputs: [AssetID]
    package let startedAt: Date
    package let endedAt: Date

    package init(inputs: [AssetID], startedAt: Date, endedAt: Date) {
        self.inputs = inputs
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}

/// A job as provenance tells of it: with the assets that its reader may see, and no others.
package struct ActivityRecord: Sendable {
    package let job: JobID
    package let operation: AssetID
    package let operationRow: Int64
    package let owner: AccountID
    /// The owner of the operation's service.
    package let provider: Int64
    package let startedAt: Date?
    package let endedAt: Date?
    /// The assets among its inputs; those of a job that made none are not stored.
    package internal(set) var inputs: [AssetID]
    /// The assets it made, as far as they are asked for.
    package internal(set) var generated: [AssetID]
}

/// Which assets a walk through their provenance leads to.
package struct ProvenanceWalk: Sendable {
    package enum Direction: String, Sendable, CaseIterable {
        /// To what an asset was made of.
        case up
        /// To what was made of it.
        case down
    }

    package var direction: Direction
    /// How many jobs lie between the asset and the farthest one told of, at most.
    package var depth: Int
    /// The row of the last asset of the page before.
    package var after: Int64?
    package var limit: Int

    package init(direction: Direction, depth: Int, after: Int64? = nil, limit: Int) {
        self.direction = direction
        self.depth = depth
        self.after = after
        self.limit = limit
    }
}

/// A part of what a walk led to.
package struct ProvenancePage: Sendable {
    /// The nearest first; the one that the walk began at is the first of all.
    package let assets: [(id: AssetID, isOperation: Bool)]
    /// The jobs that made assets of this page.
    package let activities: [ActivityRecord]
    /// What `after` has to be for the next page; nil when there is none.
    package let next: Int64?
}

extension Store {
    /// Walks from an asset through the jobs that made it or that used it, breadth first, over what an account may see: an
    /// asset that it may not see is not passed through either.
    ///
    /// What was made is younger than what it was made of and neither ever changes, so the order of those that were there
    /// stays while new ones come.
    /// - Returns: nil when there is no such asset, or it is not to be seen.
    /// - Throws: `invalidParameter` when the walk does not come by the last asset of the page before.
    package func provenance(
        of asset: AssetID,
        _ walk: ProvenanceWalk,
        visibleTo account: Account?
    ) async throws -> ProvenancePage? {
        try await read { database in
            let reader = ProvenanceReader(database, account)
            guard let start = try reader.place(of: asset) else { return nil }
            let found = try reader.walk(walk, from: start)
            let page = found.prefix(walk.limit)
            // The jobs that made the first asset, or the last ones, lie beyond the ends of the walk.
            let made = page.filter { walk.direction == .up ? $0.depth < walk.depth : $0.depth > 0 }
            return ProvenancePage(
                assets: page.map { ($0.id, $0.isOperation) },
                activities: try reader.activities(making: made),
                next: found.count > walk.limit ? page.last?.row : nil
            )
        }
    }

    /// What a job used and made, of those assets that an account may see.
    /// - Returns: nil when there is no such job, and none that is gone but made an asset.
    package func activity(of job: JobID, visibleTo account: Account?) async throws -> ActivityRecord? {
        try await read { database in try ProvenanceReader(database, account).activity(of: job) }
    }

    /// Those of the assets that an account may see, in their order.
    package func visible(_ assets: [AssetID], to account: Account?) async throws -> [AssetID] {
        try await read { database in
            let reader = ProvenanceReader(database, account)
            return try assets.filter { try reader.place(of: $0) != nil }
        }
    }
}

extension Database {
    /// Stores which assets a job made out of which, in the transaction that ends it.
    func insert(_ activity: NewActivity, of claim: Claim, making assets: [AssetID]) throws {
        try executeCached(
            sql: """
                INSERT INTO activities (job_id, operation_id, owner_id, started_at, ended_at) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                claim.job.value, claim.operation, claim.owner, activity.startedAt.milliseconds,
                activity.endedAt.milliseconds,
            ]
        )
        try executeCached(
            sql: """
                INSERT INTO used (asset_id, job_id) SELECT assets.id, ? FROM operations
                JOIN assets ON assets.asset_id = operations.asset_id WHERE operations.id = ?
                """,
            arguments: [claim.job.value, claim.operation]
        )
        for input in activity.inputs {
            try executeCached(
                sql: "INSERT OR IGNORE INTO used (asset_id, job_id) SELECT id, ? FROM assets WHERE asset_id = ?",
                arguments: [claim.job.value, Data(input.bytes)]
            )
        }
        for asset in assets {
            try executeCached(
                sql: "INSERT INTO generated (asset_id, job_id) SELECT id, ? FROM assets WHERE asset_id = ?",
                arguments: [claim.job.value, Data(asset.bytes)]
            )
        }
    }
}
