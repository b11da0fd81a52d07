import GRDB

/// What a stopped agent's database says, looked at from outside.
struct StoreFile {
    let isWhole: Bool
    let jobs: Int
    let openJobs: Int
    let jobsEndedTwice: Int

    init(_ path: String) throws {
        let database = try DatabaseQueue(path: path)
        func number(_ sql: String) throws -> Int { try database.read { try Int.fetchOne($0, sql: sql) ?? -1 } }
        isWhole = try database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") == "ok" }
        jobs = try number("SELECT count(*) FROM jobs")
        openJobs = try number("SELECT count(*) FROM jobs WHERE ended_at IS NULL")
        jobsEndedTwice = try number(
            """
            SELECT count(*) FROM
                (SELECT job_id FROM attempts WHERE ending = 'succeeded' GROUP BY job_id HAVING count(*) > 1)
            """
        )
    }
}
