import InvokeAssets
package import InvokeModel
import InvokeStore
package import InvokeWire

/// Objects that start jobs (oscar.md §10).
extension Agent {
    /// Starts a job of every service that has an object of the agent's own store among its inputs; the same event again
    /// starts none.
    /// - Throws: what `schedule` throws; an event that could not be acted on is to be tried again.
    package func startJobs(for event: ObjectEvent) async throws {
        let notice = BucketNotice.Record(event)
        guard notice.isCreation else { return }
        for record in try await store.services(of: .oscar, after: 0, limit: .max) {
            guard let script = try await callableScript(record.name),
                script.script.source(of: event.key, in: event.bucket)?.isOwn == true,
                let owner = try await store.account(named: record.ownerName)
            else { continue }
            do { _ = try await schedule(script, notice, isOwed: true, by: owner.account) } catch let refusal as Refusal
            {
                // A service that is gone or can't be called meanwhile has no use for its input.
                guard refusal.retryAfter == nil else { throw refusal }
            }
        }
    }

    /// Starts the jobs of a posted event: one for each record of a new object among the service's inputs.
    package func schedule(
        _ script: RegisteredScript,
        _ notice: BucketNotice,
        by caller: Account
    ) async throws -> [JobID] {
        var jobs: [JobID] = []
        for record in records(of: notice, for: script) {
            jobs.append(try await schedule(script, record, isOwed: false, by: caller))
        }
        return jobs
    }

    /// The records of new objects among the service's inputs: each starts a job.
    func records(of notice: BucketNotice, for script: RegisteredScript) -> [BucketNotice.Record] {
        notice.records.filter { $0.isCreation && script.script.source(of: $0.key, in: $0.bucket) != nil }
    }

    private func schedule(
        _ script: RegisteredScript,
        _ record: BucketNotice.Record,
        isOwed: Bool,
        by caller: Account
    ) async throws -> JobID {
        try await schedule(script, event: record.event, options(for: record, isOwed: isOwed), by: caller)
    }

    func options(for record: BucketNotice.Record, isOwed: Bool) -> InvocationOptions {
        // Stores deliver at least once.
        let key = record.sequencer.map { "object \($0) \(record.bucket)/\(record.key)" }
        var options = InvocationOptions(mode: .async, idempotencyKey: key)
        options.isOwed = isOwed
        return options
    }
}
