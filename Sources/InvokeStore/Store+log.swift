package import Foundation
import GRDB
package import InvokeModel

extension Store {
    /// Adds to what a job's programs have said.
    package func appendLog(_ bytes: [UInt8], of id: JobID) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.executeCached(
                sql: """
                    INSERT INTO job_log (job_id, piece, at, bytes)
                    SELECT :job, coalesce(max(piece), 0) + 1, :now, :bytes FROM job_log WHERE job_id = :job
                    """,
                arguments: ["job": id.value, "now": now, "bytes": Data(bytes)]
            )
        }
    }

    /// Everything a job's programs have said so far, standard output and error in the order they came.
    package func log(of id: JobID) async throws -> Data {
        try await read { database in
            try Data.fetchAll(
                database,
                sql: "SELECT bytes FROM job_log WHERE job_id = ? ORDER BY piece",
                arguments: [id.value]
            ).reduce(into: Data()) { $0.append($1) }
        }
    }
}
