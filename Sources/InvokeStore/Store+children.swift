package import struct Foundation.Date
import GRDB
package import InvokeModel

/// Which child of which job a job is.
package struct ChildPlace: Sendable, Hashable {
    package let parent: JobID
    package let name: String
    /// The parent's, which that of the child does not go beyond.
    package let deadline: Date

    package init(parent: JobID, name: String, deadline: Date) {
        self.parent = parent
        self.name = name
        self.deadline = deadline
    }
}

extension Database {
    /// Writes down what the job of an orchestration consists of.
    func nameChildren(_ names: [String], of parent: JobID) throws {
        let statement = try cachedStatement(
            sql: "INSERT INTO child_jobs (parent_id, position, name) VALUES (?, ?, ?)"
        )
        for (position, name) in names.enumerated() {
            try statement.execute(arguments: [parent.value, position, name])
        }
    }

    /// The job that has been made for a child.
    /// - Throws: `conflict` when there is none, and there will be none, because the parent has ended.
    func child(at place: ChildPlace) throws -> JobID? {
        let statement = try cachedStatement(
            sql: """
                SELECT job_id, ended_at IS NOT NULL OR cancel_asked AS is_over
                FROM child_jobs JOIN jobs ON jobs.id = parent_id WHERE parent_id = ? AND name = ?
                """
        )
        let row = try Row.fetchOne(statement, arguments: [place.parent.value, place.name])
        if let id: Int64 = row?["job_id"] { return JobID(value: id) }
        guard let row, !row["is_over"] else { throw Refusal(.conflict, "The job \(place.parent) has ended.") }
        return nil
    }

    func take(_ place: ChildPlace, for id: JobID) throws {
        try executeCached(
            sql: "UPDATE child_jobs SET job_id = ? WHERE parent_id = ? AND name = ?",
            arguments: [id.value, place.parent.value, place.name]
        )
    }

    /// The job that a job is a child of.
    func parent(of id: JobID) throws -> JobID? {
        let statement = try cachedStatement(sql: "SELECT parent_id FROM child_jobs WHERE job_id = ?")
        return try Int64.fetchOne(statement, arguments: [id.value]).map(JobID.init(value:))
    }

    /// Cancels the children of a job that has ended, so that nothing that is told of it changes afterwards.
    ///
    /// The attempt of one that runs stays open until its worker has stopped the program.
    func endChildren(of parent: JobID, now: Int64) throws -> EndedJobs {
        let statement = try cachedStatement(
            sql: """
                SELECT id, claimable_at IS NULL AS is_running FROM child_jobs JOIN jobs ON jobs.id = job_id
                WHERE parent_id = ? AND ended_at IS NULL ORDER BY position
                """
        )
        let failure = JobFailure(.cancelled, "The job was cancelled with the orchestration that it belongs to.")
        var ended = EndedJobs()
        for row in try Row.fetchAll(statement, arguments: [parent.value]) {
            let id = JobID(value: row["id"])
            if row["is_running"] {
                try executeCached(sql: "UPDATE jobs SET cancel_asked = 1 WHERE id = ?", arguments: [id.value])
                ended.running.append(id)
            }
            ended += try end(id, .cancelled, failure: failure, now: now)
        }
        return ended
    }
}
