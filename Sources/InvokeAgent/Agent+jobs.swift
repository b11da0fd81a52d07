package import InvokeModel
import InvokeStore

extension Agent {
    /// A job, to its owner, the provider of its operation and admins; for everybody else it does not exist.
    /// - Throws: `unknownJob`.
    package func job(_ reference: String, for caller: Account) async throws -> Job {
        guard let id = JobID(reference), let job = try await store.job(id),
            caller.isAdmin || [job.owner, job.provider].contains(caller.id)
        else { throw Self.unknownJob(reference) }
        return job
    }

    /// The job as it is at its end, or after the wait if it has not ended by then; the agent's longest wait cuts it.
    package func job(_ reference: String, for caller: Account, waiting wait: Duration) async throws -> Job {
        let job = try await job(reference, for: caller)
        guard wait > .zero, !job.state.isTerminal else { return job }
        try await store.signals.waitForEnd(of: job.id, atMost: min(wait, limits.longestWait), clock: clock) {
            try await self.store.job(job.id)?.state.isTerminal ?? true
        }
        return try await self.job(reference, for: caller)
    }

    /// Asks for the end of a job.
    /// - Returns: the job as it stands then: `cancelled` if it had not begun, else still `running` for a moment.
    /// - Throws: `unknownJob`, `conflict` when it has ended in another way.
    package func cancelJob(_ reference: String, by caller: Account) async throws -> Job {
        let job = try await job(reference, for: caller)
        let state = try await store.cancel(job.id)
        guard state == .cancelled || state == .running else {
            throw Refusal(.conflict, "The job has ended already: it is \(state?.rawValue ?? "gone").")
        }
        return try await self.job(reference, for: caller)
    }

    private static func unknownJob(_ reference: String) -> Refusal {
        Refusal(.unknownJob, "There is no job \"\(reference.prefix(40))\".")
    }
}
