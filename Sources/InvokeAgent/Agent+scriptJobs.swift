import Foundation
package import InvokeModel
import InvokeStore
package import InvokeWire

/// Jobs of scripts.
extension Agent {
    /// A page of the jobs of a service, newest first, and how many there are in all after it.
    package func jobs(
        ofScript name: String,
        before: JobID?,
        limit: Int,
        for caller: Account
    ) async throws -> (jobs: [Job], remaining: Int) {
        let record = try await script(named: name, for: caller)
        let jobs = try await store.jobs(
            of: record.owner,
            JobFilter(serviceRow: record.id, leavesOutRuns: true, before: before, limit: limit)
        )
        let remaining = jobs.count < limit ? 0 : try await store.jobCount(of: record, before: jobs.last?.id)
        return (jobs, remaining)
    }

    /// A job by its name.
    /// - Throws: `unknownJob` for what is no job of the service.
    package func job(named job: String, ofScript name: String, for caller: Account) async throws -> Job {
        let record = try await script(named: name, for: caller)
        guard let id = OSCAR.job(named: job, of: name), let found = try await store.job(id),
            found.serviceName == name, found.createdAt >= record.createdAt
        else { throw Self.unknownJob(job) }
        return found
    }

    /// The log of a job.
    package func log(of job: Job, level: Script.LogLevel, timestamps: Bool) async throws -> [UInt8] {
        let printed = try await store.pieces(ofLog: job.id).map { PrintedText(time: $0.time, bytes: $0.bytes) }
        return SupervisorLog(job: job, level: level).text(printed, timestamps: timestamps)
    }

    /// From which level on the service's answers and logs have the agent's own lines.
    package func logLevel(ofScript name: String) async throws -> Script.LogLevel {
        try await callableScript(name)?.script.logLevel ?? .info
    }

    /// The last lines that the latest jobs of a service have printed, oldest first.
    package func recentOutput(ofScript name: String, lines: Int, for caller: Account) async throws -> [PrintedText] {
        let record = try await script(named: name, for: caller)
        var printed: [PrintedText] = []
        for job in try await store.jobs(of: record.owner, JobFilter(serviceRow: record.id, limit: 20)) {
            let pieces = try await store.pieces(ofLog: job.id)
            let said = pieces.flatMap { piece in
                piece.bytes.split(separator: 0x0A).map { PrintedText(time: piece.time, bytes: Data($0)) }
            }
            printed = said + printed
            if printed.count >= lines { break }
        }
        return printed.suffix(lines)
    }

    /// Removes a job with its log; one that has not ended is cancelled first.
    package func removeJob(named job: String, ofScript name: String, by caller: Account) async throws {
        try await remove(try await self.job(named: job, ofScript: name, for: caller))
    }

    /// Removes the succeeded jobs of a service, or all of them; those that are still needed, such as by a webhook that has
    /// not been reached, stay.
    package func removeJobs(ofScript name: String, all: Bool, by caller: Account) async throws {
        let record = try await script(named: name, for: caller)
        var filter = JobFilter(serviceRow: record.id, leavesOutRuns: true, state: all ? nil : .succeeded, limit: 200)
        while case let jobs = try await store.jobs(of: record.owner, filter), let last = jobs.last {
            for job in jobs {
                do { try await remove(job) } catch let refusal as Refusal where refusal.code == .conflict {}
            }
            filter.before = last.id
        }
    }

    private func remove(_ job: Job) async throws {
        if !job.state.isTerminal {
            _ = try await store.cancel(job.id)
            try await store.signals.waitForEnd(ofAny: [job.id], atMost: limits.longestWait, clock: clock) {
                try self.store.result(of: job.id)?.state.isTerminal ?? true
            }
        }
        try await store.removeJob(job.id)
    }
}
