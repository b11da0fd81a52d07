package import Foundation
import GRDB
package import InvokeModel

/// What one account has asked of one service of a script.
package struct ScriptUsage: Sendable {
    package let service: String
    package let account: String
    /// Synchronous calls, and jobs.
    package let runs: Int
    package let jobs: Int
    /// How long all of them together have run.
    package let running: Duration
    /// Cores that the service asks for, as its definition says it.
    package let cpus: Double
}

/// One call of a script, as it was asked for.
package struct ScriptCall: Sendable {
    package let service: String
    package let account: String
    package let isRun: Bool
    package let state: JobState
    package let acceptedAt: Date
    package let endedAt: Date?
}

extension Store {
    /// The use of the services of scripts, of one or of all, by what was accepted within a time.
    package func scriptUsage(
        of service: String? = nil,
        from start: Date,
        to end: Date
    ) async throws -> [ScriptUsage] {
        try await read { database in
            // A job's id begins with the time of its acceptance.
            try Row.fetchAll(
                database,
                sql: """
                    SELECT services.name, username, sum(\(Self.isRun)) AS runs, sum(NOT \(Self.isRun)) AS jobs,
                        sum(coalesce(ended_at - started_at, 0)) AS running_ms,
                        services.definition ->> '$.oscar.cpu' AS cpu
                    FROM jobs JOIN services ON services.id = jobs.service_id JOIN accounts ON accounts.id = jobs.owner_id
                    WHERE jobs.id >= :first AND jobs.id < :last AND dialect = 'oscar'
                        AND (:service IS NULL OR services.name = :service)
                    GROUP BY services.id, jobs.owner_id ORDER BY services.name, username
                    """,
                arguments: [
                    "first": JobID(earliestAt: start).value, "last": JobID(earliestAt: end).value, "service": service,
                ]
            ).map { row in
                ScriptUsage(
                    service: row["name"],
                    account: row["username"],
                    runs: row["runs"],
                    jobs: row["jobs"],
                    running: .milliseconds(row["running_ms"] as Int64),
                    cpus: (row["cpu"] as String?).flatMap(Double.init) ?? 0
                )
            }
        }
    }

    /// The latest calls of scripts, newest first.
    package func scriptCalls(limit: Int) async throws -> [ScriptCall] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT services.name, username, \(Self.isRun) AS is_run, state, jobs.created_at, ended_at
                    FROM jobs JOIN services ON services.id = jobs.service_id JOIN accounts ON accounts.id = jobs.owner_id
                    WHERE dialect = 'oscar' ORDER BY jobs.id DESC LIMIT ?
                    """,
                arguments: [limit]
            ).map { row in
                guard let state = JobState(rawValue: row["state"]) else { throw StoreFault.unreadable("job") }
                return ScriptCall(
                    service: row["name"],
                    account: row["username"],
                    isRun: row["is_run"],
                    state: state,
                    acceptedAt: Date(milliseconds: row["created_at"]),
                    endedAt: (row["ended_at"] as Int64?).map(Date.init(milliseconds:))
                )
            }
        }
    }
}
