import InvokeExecution
import InvokeModel
import InvokeStore
import Logging

/// The attempts that this process runs: answers for them to the store, and stops those that are to stop.
actor LeaseKeeper {
    private struct Held {
        let claim: Claim
        /// Names the program, once it runs.
        var handle: ExecutionHandle?
        var mustStop = false
    }

    private let store: Store
    private let executor: any Executor
    private let limits: WorkerLimits
    private let logger: Logger
    private var held: [Claim.Name: Held] = [:]
    /// Jobs that were to stop when no attempt of theirs was held: one may have been on its way here.
    private var unheardOf: Set<JobID> = []
    /// The time that running programs are given during a shutdown has passed.
    private var isGraceOver = false
    private let stops = AsyncStream.makeStream(of: ExecutionHandle.self)

    init(store: Store, executor: any Executor, limits: WorkerLimits, logger: Logger) {
        self.store = store
        self.executor = executor
        self.limits = limits
        self.logger = logger
    }

    /// Renews leases until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keep() }
            for await handle in stops.stream { group.addTask { await self.end(handle) } }
            group.cancelAll()
        }
    }

    func hold(_ claim: Claim) { held[claim.name] = Held(claim: claim, mustStop: unheardOf.contains(claim.job)) }

    func release(_ claim: Claim) { held[claim.name] = nil }

    /// Takes note of the program of an attempt; what was asked for before there was one is done now.
    func started(_ claim: Claim, _ handle: ExecutionHandle) {
        held[claim.name]?.handle = handle
        if isGraceOver || held[claim.name]?.mustStop == true { stop(claim) }
    }

    /// Stops whatever runs for a job.
    func stop(_ job: JobID) {
        let attempts = held.values.filter { $0.claim.job == job }
        if attempts.isEmpty { unheardOf.insert(job) }
        for attempt in attempts { stop(attempt.claim) }
    }

    /// Stops everything that runs, and what begins to run from now on.
    func stopAll() {
        isGraceOver = true
        for attempt in held.values { stop(attempt.claim) }
    }

    private func stop(_ claim: Claim) {
        held[claim.name]?.mustStop = true
        if let handle = held[claim.name]?.handle { stops.continuation.yield(handle) }
    }

    private func end(_ handle: ExecutionHandle) async {
        do { try await executor.stop(handle) } catch {
            logger.error("program not stopped", metadata: ["program": "\(handle)", "error": "\(error)"])
        }
    }

    private func keep() async {
        while !Task.isCancelled {
            var pause = limits.heartbeat
            do { try await renew() } catch {
                // The lease runs on meanwhile.
                pause = min(pause, .seconds(1))
                logger.error("leases not renewed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
    }

    private func renew() async throws {
        // By the next renewal the store itself tells of those that are held by then.
        unheardOf = []
        let news = try await store.renew(
            held.values.map(\.claim),
            for: limits.lease,
            maximum: limits.attempts,
            delay: limits.retryDelay
        )
        for claim in news.lost where held[claim.name] != nil {
            logger.warning("lease lost", metadata: ["job": "\(claim.job)", "attempt": "\(claim.attempt)"])
            stop(claim)
        }
        for claim in news.cancelled where held[claim.name]?.mustStop == false { stop(claim) }
        if news.rescued > 0 { logger.warning("jobs rescued", metadata: ["number": "\(news.rescued)"]) }
    }
}
