import GRDB
package import InvokeModel

/// What a provider has said of a job that it runs itself: at least that it has taken it on.
package struct Completion: Sendable {
    /// How the job has ended there, as canonical JSON text; nil as long as the provider has not told.
    package let report: String?
}

extension Store {
    /// nil when the provider has not said anything.
    package func completion(of id: JobID) async throws -> Completion? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT report FROM completions WHERE job_id = ?", arguments: [id.value])
                .map { Completion(report: $0["report"]) }
        }
    }

    /// Notes that the provider has taken a job on, and is not to be called for it again; twice is fine.
    package func noteTaken(_ id: JobID) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO completions (job_id, taken_at)
                    SELECT id, ? FROM jobs WHERE id = ? AND ended_at IS NULL ON CONFLICT DO NOTHING
                    """,
                arguments: [now, id.value]
            )
        }
    }

    /// Writes down how a running job has ended at its provider, for the worker that waits for it; a job that waits to be
    /// tried again can be claimed at once. The same report again changes nothing.
    /// - Throws: `conflict` when there is another report, or the job does not run any more; `unknownJob`.
    package func complete(_ id: JobID, with report: String) async throws {
        let now = now.milliseconds
        try await write { database in
            guard let job = try database.job(id) else { throw Refusal(.unknownJob, "There is no job \"\(id)\".") }
            let earlier = try String.fetchOne(
                database,
                sql: "SELECT report FROM completions WHERE job_id = ? AND report IS NOT NULL",
                arguments: [id.value]
            )
            if let earlier {
                guard earlier == report else {
                    throw Refusal(.conflict, "The job has been completed already, in another way.")
                }
                return
            }
            let isCancelAsked = try Bool.fetchOne(
                database,
                sql: "SELECT cancel_asked FROM jobs WHERE id = ?",
                arguments: [id.value]
            )
            guard job.state == .running, isCancelAsked == false else {
                let state = job.state == .running ? "being cancelled" : job.state.rawValue
                throw Refusal(.conflict, "The job can't be completed any more: it is \(state).")
            }
            try database.execute(
                sql: """
                    INSERT INTO completions (job_id, taken_at, report, reported_at) VALUES (:job, :now, :report, :now)
                    ON CONFLICT (job_id) DO UPDATE SET report = :report, reported_at = :now
                    """,
                arguments: ["job": id.value, "now": now, "report": report]
            )
            try database.execute(
                sql: "UPDATE jobs SET claimable_at = min(claimable_at, ?) WHERE id = ? AND claimable_at IS NOT NULL",
                arguments: [now, id.value]
            )
        }
        signals.jobCompleted(id)
    }
}
