package import InvokeModel
package import InvokeStore
import InvokeWire
import OrderedCollections

extension Agent {
    /// A job, to its owner, the provider of its operation and admins; for everybody else it does not exist.
    /// - Throws: `unknownJob`.
    package func job(_ reference: String, for caller: Account) async throws -> Job {
        guard let id = try await jobID(reference), let job = try await store.job(id),
            caller.isAdmin || [job.owner, job.provider].contains(caller.id)
        else { throw Self.unknownJob(reference) }
        return job
    }

    /// Why a job waits, how its attempts went, and what it has started.
    package func details(of job: Job) async throws -> JobDetails {
        try await store.details(of: job.id, slots: limits.slots)
    }

    /// What a job has come to at its end, or after the wait if it has not ended by then; the agent's longest wait cuts it,
    /// and so does the agent's own end.
    /// - Throws: `unknownJob`.
    package func result(_ reference: String, for caller: Account, waiting wait: Duration) async throws -> JobResult {
        guard let id = try await jobID(reference) else { throw Self.unknownJob(reference) }
        let result = try await result(of: id, for: caller)
        guard wait > .zero, !result.state.isTerminal else { return result }
        try await store.signals.waitForEnd(ofAny: [result.id], atMost: min(wait, limits.longestWait), clock: clock) {
            try self.store.result(of: result.id)?.state.isTerminal ?? true
        }
        return try await self.result(of: id, for: caller)
    }

    /// The job that an id names, or the name that OSCAR's clients are given for it.
    private func jobID(_ reference: String) async throws -> JobID? {
        if let id = JobID(reference) { return id }
        guard let dash = reference.lastIndex(of: "-"), let id = JobID(String(reference[dash...].dropFirst())),
            let job = try await store.job(id), OSCAR.name(of: id, job.serviceName) == reference
        else { return nil }
        return id
    }

    private func result(of id: JobID, for caller: Account) async throws -> JobResult {
        guard let result = try store.result(of: id) else { throw Self.unknownJob("\(id)") }
        // Whether somebody else is the provider of its operation, the row alone does not tell.
        if result.owner != caller.id, !caller.isAdmin { _ = try await job("\(id)", for: caller) }
        return result
    }

    /// Asks for the end of a job.
    /// - Returns: the job as it stands then: `cancelled` if it had not begun, else still `running` for a moment.
    /// - Throws: `unknownJob`, `conflict` when it has ended in another way.
    package func cancelJob(_ reference: String, by caller: Account) async throws -> Job {
        let job = try await job(reference, for: caller)
        _ = try await store.cancel(job.id)
        let asked = try await self.job(reference, for: caller)
        // A success that was committed first stands, also one that came between the request and this answer.
        guard asked.state == .cancelled || !asked.state.isTerminal else {
            throw Refusal(.conflict, "The job has ended already: it is \(asked.state.rawValue).")
        }
        return asked
    }

    /// The caller's own jobs, newest first.
    package func jobs(_ filter: JobFilter, of caller: Account) async throws -> [Job] {
        try await store.jobs(of: caller.id, filter)
    }

    /// Runs an ended job's operation on the same inputs again, as a new job of the caller's.
    /// - Throws: `unknownJob`, `conflict` when the job has not ended, and all that `invoke` throws.
    package func retryJob(_ reference: String, by caller: Account) async throws -> JobID {
        let job = try await job(reference, for: caller)
        guard job.state.isTerminal else {
            throw Refusal(.conflict, "The job has not ended: it is \(job.state.rawValue). Cancel it first.")
        }
        let operation = try await operation(job.operation.description)
        var inputs = try JSON(result: job.inputs).object ?? [:]
        var options = InvocationOptions(mode: operation.operation.modes.contains(.async) ? .async : .sync)
        if operation.operation.run.script != nil { options.event = inputs.removeValue(forKey: "event") }
        let request = InvocationRequest(inputs: .object(inputs))
        return try await invoke(job.operation.description, request, options, by: caller).job
    }

    /// Removes an ended job with its log; the assets it made stay.
    /// - Throws: `unknownJob`, `conflict` when it has not ended.
    package func removeJob(_ reference: String, by caller: Account) async throws {
        let job = try await job(reference, for: caller)
        guard job.owner == caller.id || caller.isAdmin else { throw Refusal.forbidden("the owner of the job") }
        try await store.removeJob(job.id)
    }

    static func unknownJob(_ reference: String) -> Refusal {
        Refusal(.unknownJob, "There is no job \"\(reference.prefix(40))\".")
    }
}
