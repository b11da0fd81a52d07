import InvokeModel
import InvokeStore
import Logging

/// How what runs for an attempt is stopped from outside.
struct AttemptStop: Sendable {
    /// Whether it only waits for what others run: time to end by itself is of no use to it when the agent shuts down.
    let isWaiting: Bool
    /// Names what runs, in logs.
    let name: String
    /// Leaves it running when the agent shuts down, where it can go on without the agent.
    var leave: (@Sendable () -> Void)?
    /// Twice is fine.
    let stop: @Sendable () async throws -> Void
}

/// The attempts that this process runs: answers for them to the store, and stops those that are to stop.
actor LeaseKeeper {
    private struct Held {
        let claim: Claim
        /// There once something runs.
        var stop: AttemptStop?
        var mustStop = false
    }

    private let store: Store
    private let limits: WorkerLimits
    private let logger: Logger
    private var held: [Claim.Name: Held] = [:]
    /// Jobs that were to stop when no attempt of theirs was held: one may have been on its way here.
    private var unheardOf: Set<JobID> = []
    /// The agent shuts down.
    private var isDraining = false
    /// The time that running programs are given during a shutdown has passed.
    private var isGraceOver = false
    private let stops = AsyncStream.makeStream(of: AttemptStop.self)

    init(store: Store, limits: WorkerLimits, logger: Logger) {
        self.store = store
        self.limits = limits
        self.logger = logger
    }

    /// Renews leases until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keep() }
            for await stop in stops.stream { group.addTask { await self.carryOut(stop) } }
            group.cancelAll()
        }
    }

    func hold(_ claim: Claim) { held[claim.name] = Held(claim: claim, mustStop: unheardOf.contains(claim.job)) }

    func release(_ claim: Claim) { held[claim.name] = nil }

    /// Takes note of how an attempt is stopped; what was asked for before anything ran is done now.
    func started(_ claim: Claim, _ stop: AttemptStop) {
        held[claim.name]?.stop = stop
        if held[claim.name]?.mustStop == true {
            self.stop(claim)
        } else if isDraining, let leave = stop.leave {
            leave()
        } else if isGraceOver || (isDraining && stop.isWaiting) {
            self.stop(claim)
        }
    }

    /// Stops whatever runs for a job.
    func stop(_ job: JobID) {
        let attempts = held.values.filter { $0.claim.job == job }
        if attempts.isEmpty { unheardOf.insert(job) }
        for attempt in attempts { stop(attempt.claim) }
    }

    /// Leaves what can go on without the agent, and stops what only waits; also what begins to from now on.
    func stopWaiting() {
        isDraining = true
        for attempt in held.values {
            if let leave = attempt.stop?.leave {
                leave()
            } else if attempt.stop?.isWaiting == true {
                stop(attempt.claim)
            }
        }
    }

    /// Stops everything that runs, and what begins to run from now on.
    func stopAll() {
        isGraceOver = true
        for attempt in held.values where attempt.stop?.leave == nil { stop(attempt.claim) }
    }

    private func stop(_ claim: Claim) {
        held[claim.name]?.mustStop = true
        if let stop = held[claim.name]?.stop { stops.continuation.yield(stop) }
    }

    private func carryOut(_ stop: AttemptStop) async {
        do { try await stop.stop() } catch {
            logger.error("attempt not stopped", metadata: ["attempt": "\(stop.name)", "error": "\(error)"])
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
