import Foundation
import GRDB
import InvokeModel

extension Job {
    static let selection = selection(values: "jobs.inputs, jobs.result")

    /// Without inputs and results: a page of jobs would have hundreds of megabytes of them.
    static let summary = selection(values: "'{}' AS inputs, NULL AS result")

    private static func selection(values: String) -> String {
        """
        SELECT jobs.id, jobs.owner_id, jobs.state, jobs.error_code, jobs.error_text, jobs.attempts, jobs.progress,
            jobs.progress_text, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at, jobs.claimable_at,
            \(values), operations.asset_id, operations.name AS operation_name, services.name AS service_name,
            services.owner_id AS provider_id, (SELECT parent_id FROM child_jobs WHERE job_id = jobs.id) AS parent_id
        FROM jobs JOIN operations ON operations.id = jobs.operation_id
        JOIN services ON services.id = jobs.service_id
        """
    }

    init(row: Row) throws {
        guard let state = JobState(rawValue: row["state"]) else { throw StoreFault.unreadable("job") }
        let code: Int? = row["error_code"]
        let percent: Int? = row["progress"]
        func date(_ column: String) -> Date? { (row[column] as Int64?).map(Date.init(milliseconds:)) }
        self.init(
            id: JobID(value: row["id"]),
            operation: try AssetID(stored: row["asset_id"]),
            operationName: row["operation_name"],
            serviceName: row["service_name"],
            owner: row["owner_id"],
            provider: row["provider_id"],
            parent: (row["parent_id"] as Int64?).map(JobID.init(value:)),
            state: state,
            inputs: row["inputs"],
            result: row["result"],
            failure: code.flatMap(ErrorCode.init(rawValue:)).map { JobFailure($0, row["error_text"] ?? "") },
            attempts: row["attempts"],
            progress: percent.map { JobProgress(percent: $0, text: row["progress_text"] ?? "") },
            createdAt: Date(milliseconds: row["created_at"]),
            startedAt: date("started_at"),
            endedAt: date("ended_at"),
            deadline: Date(milliseconds: row["deadline_at"]),
            claimableAt: date("claimable_at")
        )
    }
}
