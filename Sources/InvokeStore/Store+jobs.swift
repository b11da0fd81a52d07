import Foundation
import GRDB
package import InvokeModel

extension Store {
    /// Writes a job, what pays for it and the key it goes by in one commit; claimable at once.
    ///
    /// A key that has been used for the same request gives the job of that time, and so does a child's place that is
    /// taken; nothing is written then.
    /// - Throws: `storageUnavailable` when the disk is nearly full, `idempotencyMismatch` when the key was used for another
    ///   request, `callerQuota` and `queueFull` when as many jobs wait as may, `notPaid` when a payment has no use left,
    ///   `conflict` when the parent has ended: then there is no job.
    package func schedule(_ job: NewJob) async throws -> Acceptance {
        try disk.checkRoom()
        // Nobody waits for a commit to hear that there is no room; a replay needs none.
        if job.idempotency == nil { try waitingJobs.checkRoom(for: job) }
        let now = now.milliseconds
        let inputs = job.inputs.text
        // Beyond the row itself nothing can go wrong half-way unless something else is written with it.
        let isAlone =
            job.payments.isEmpty && job.idempotency == nil && job.children.isEmpty && job.place == nil
        return try await commits.write(undoable: !isAlone) { transaction in
            let database = transaction.database
            if let key = job.idempotency,
                let earlier = try database.job(for: key, owner: job.owner, operation: job.operation, now: now)
            {
                return Acceptance(job: earlier, isReplay: true)
            }
            if let place = job.place, let earlier = try database.child(at: place) {
                return Acceptance(job: earlier, isReplay: true)
            }
            try transaction.waitingJobs.checkRoom(for: job)
            let id = try transaction.insert(job, inputs: inputs, now: now)
            for payment in job.payments { try database.spend(payment, on: id, now: now) }
            if let key = job.idempotency { try database.remember(key, job, id, now: now) }
            if !job.children.isEmpty { try database.nameChildren(job.children, of: id) }
            if let place = job.place { try database.take(place, for: id) }
            return Acceptance(job: id, isReplay: false)
        }
    }

    /// How many jobs of a pool wait to be claimed, those included that wait to be tried again.
    package func waitingJobs(of pool: PoolID) -> Int { waitingJobs.of(pool) }

    /// What the job has come to, read at once on the calling thread.
    package func result(of id: JobID) throws -> JobResult? {
        do { return try results.result(of: id) } catch { throw Refusal.storage(error) }
    }

    package func job(_ id: JobID) async throws -> Job? {
        try await read { try $0.job(id) }
    }

    /// An account's jobs, newest first, without their inputs and results.
    package func jobs(of owner: Int64, _ filter: JobFilter) async throws -> [Job] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: Job.summary + """
                     WHERE jobs.owner_id = :owner AND jobs.id < :before
                        AND (:operation IS NULL OR operations.asset_id = :operation)
                        AND (:service IS NULL OR services.name = :service)
                        AND (:row IS NULL OR jobs.service_id = :row)
                        AND (NOT :noRuns OR NOT \(Self.isRun))
                        AND (:state IS NULL OR jobs.state = :state)
                        AND (:since IS NULL OR jobs.created_at >= :since)
                    ORDER BY jobs.id DESC LIMIT :limit
                    """,
                arguments: [
                    "owner": owner, "before": filter.before?.value ?? Int64.max,
                    "operation": filter.operation.map { Data($0.bytes) }, "service": filter.service,
                    "row": filter.serviceRow, "noRuns": filter.leavesOutRuns, "state": filter.state?.rawValue,
                    "since": filter.since?.milliseconds,
                    "limit": filter.limit,
                ]
            ).map(Job.init(row:))
        }
    }

    /// Whether a job is a synchronous run of a script: its inputs, as the agent writes them, tell of the request.
    static let isRun = #"(instr(jobs.inputs, '"event":{"http":') > 0)"#

    /// How many jobs of a service its owner has before one of them, runs left out.
    package func jobCount(of service: ServiceRecord, before job: JobID?) async throws -> Int {
        try await read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM jobs WHERE owner_id = ? AND id < ? AND service_id = ? AND NOT \(Self.isRun)
                    """,
                arguments: [service.owner, job?.value ?? Int64.max, service.id]
            ) ?? 0
        }
    }

    /// Removes an ended job with its attempts, its log and its deliveries; the assets it made stay.
    /// - Throws: `conflict` when it has not ended, its end still has to be told to its webhook, or it belongs to another.
    package func removeJob(_ id: JobID) async throws {
        try await write { database in
            if let parent = try database.parent(of: id) {
                throw Refusal(
                    .conflict,
                    "The job belongs to the job \(parent), which tells of it; remove that one first."
                )
            }
            let pending = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM deliveries WHERE job_id = ? AND state = 'pending'",
                arguments: [id.value]
            )
            guard pending == 0 else {
                throw Refusal(.conflict, "The job's webhook has not been reached yet; its row is needed until then.")
            }
            try database.execute(sql: "DELETE FROM deliveries WHERE job_id = ?", arguments: [id.value])
            try database.execute(
                sql: "DELETE FROM jobs WHERE id = ? AND ended_at IS NOT NULL",
                arguments: [id.value]
            )
            guard database.changesCount == 1 else {
                throw Refusal(.conflict, "The job has not ended; cancel it first.")
            }
        }
    }

    /// Asks for the end of a job: a waiting one is cancelled at once, a running one by its worker.
    /// - Returns: the state afterwards; nil when there is no such job.
    package func cancel(_ id: JobID) async throws -> JobState? {
        let now = now.milliseconds
        let (state, ended) = try await write { database -> (JobState?, EndedJobs) in
            guard let job = try database.job(id) else { return (nil, EndedJobs()) }
            if job.state.isTerminal { return (job.state, EndedJobs()) }
            if job.claimableAt != nil {
                let failure = JobFailure(.cancelled, "The job was cancelled before it ran.")
                return (.cancelled, try database.end(id, .cancelled, failure: failure, now: now))
            }
            try database.execute(sql: "UPDATE jobs SET cancel_asked = 1 WHERE id = ?", arguments: [id.value])
            return (.running, EndedJobs())
        }
        announce(ended)
        if state == .running { signals.send(.cancelAsked(id)) }
        return state
    }

    /// Fails every waiting job whose deadline has passed.
    package func failOverdue() async throws {
        let now = now.milliseconds
        let ended = try await write { database in
            let overdue = try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM jobs WHERE claimable_at IS NOT NULL AND deadline_at <= ? LIMIT 500
                    """,
                arguments: [now]
            )
            let failure = JobFailure(.deadlinePassed, "The job's deadline passed while it waited to be run.")
            return try overdue.reduce(into: EndedJobs()) { ended, id in
                ended += try database.end(JobID(value: id), .failed, failure: failure, now: now)
            }
        }
        announce(ended)
    }

    /// Tells those who wait for the ends of jobs, and those who run what is to stop.
    func announce(_ ended: EndedJobs) {
        guard !ended.ids.isEmpty else { return }
        for id in ended.ids { signals.jobEnded(id) }
        for id in ended.running { signals.send(.cancelAsked(id)) }
        signals.send(.deliveryDue)
    }
}

/// The jobs that a write has ended.
struct EndedJobs: Sendable {
    var ids: [JobID] = []
    /// Those among them that still run: they are to stop.
    var running: [JobID] = []

    static func += (all: inout EndedJobs, more: EndedJobs) {
        all.ids += more.ids
        all.running += more.running
    }
}

extension NewJob {
    static let insertion = """
        INSERT INTO jobs (id, operation_id, service_id, owner_id, state, inputs, claimable_at, created_at, deadline_at,
            webhook_url, webhook_events, pool)
        VALUES (?1, ?2, ?3, ?4, 'scheduled', ?5, ?6, ?6, ?7, ?8, ?9, ?10)
        """
}

extension SharedTransaction {
    fileprivate func insert(_ job: NewJob, inputs: String, now: Int64) throws -> JobID {
        jobInsertion.bind(job.operation, at: 2)
        jobInsertion.bind(job.pool.service, at: 3)
        jobInsertion.bind(job.owner, at: 4)
        jobInsertion.bind(inputs, at: 5)
        jobInsertion.bind(now, at: 6)
        let latest = job.place?.deadline.milliseconds ?? .max
        jobInsertion.bind(min(now + job.lifetime.milliseconds, latest), at: 7)
        jobInsertion.bind(job.webhookURL, at: 8)
        jobInsertion.bind(job.webhookEvents?.joined(separator: " "), at: 9)
        jobInsertion.bind(job.pool.name, at: 10)
        let id = JobID(milliseconds: now, random: .random(in: 0...UInt64.max), after: lastJob)
        jobInsertion.bind(id.value, at: 1)
        try jobInsertion.run()
        lastJob = id
        waitingJobs.begin(job)
        news.began(of: job.owner)
        return id
    }
}

extension Database {
    func job(_ id: JobID) throws -> Job? {
        let statement = try cachedStatement(sql: Job.selection + " WHERE jobs.id = ?")
        return try Row.fetchOne(statement, arguments: [id.value]).map(Job.init(row:))
    }

    /// Ends a job that has not ended, and with one that does not succeed its children: the one statement that writes a
    /// terminal state.
    /// - Returns: nothing when somebody was first.
    func end(
        _ id: JobID,
        _ state: JobState,
        result: String? = nil,
        failure: JobFailure? = nil,
        now: Int64
    ) throws -> EndedJobs {
        try executeCached(
            sql: """
                UPDATE jobs SET state = ?, result = ?, error_code = ?, error_text = ?, claimable_at = NULL, ended_at = ?
                WHERE id = ? AND ended_at IS NULL
                """,
            arguments: [state.rawValue, result, failure?.code.rawValue, failure?.text, now, id.value]
        )
        guard changesCount == 1 else { return EndedJobs() }
        if state != .succeeded { try giveBackUses(of: id) }
        try countEnd(of: id, state)
        try announce(id, now: now)
        var ended = EndedJobs(ids: [id])
        if state != .succeeded { ended += try endChildren(of: id, now: now) }
        return ended
    }

    private func countEnd(of id: JobID, _ state: JobState) throws {
        try executeCached(
            sql: """
                UPDATE operations SET succeeded = succeeded + :succeeded, failed = failed + :failed,
                    running_ms = running_ms + CASE WHEN :succeeded THEN max(0, ended_at - started_at) ELSE 0 END,
                    last_ends = substr(
                        format('%s%014d%010d', :state, ended_at, coalesce(max(0, ended_at - started_at), -1))
                            || last_ends, 1, \(OperationEnd.textLength * OperationEnd.kept))
                FROM jobs WHERE jobs.id = :job AND operations.id = operation_id
                """,
            arguments: [
                "succeeded": state == .succeeded, "failed": state == .failed, "state": String(state.rawValue.prefix(1)),
                "job": id.value,
            ]
        )
    }
}
