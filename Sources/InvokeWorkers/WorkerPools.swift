import InvokeExecution
import InvokeModel
import InvokeStore
import Logging
import ServiceLifecycle

/// The workers of all services: each has its own slots, or those for each engine, so none waits for another's jobs.
package actor WorkerPools: Service {
    private struct Pool {
        var limit: Int
        var running = 0
        /// Rises with every signal, so that a worker that found nothing knows whether something has come since.
        var signals = 0
        /// The account that was served last; the next one in number comes next.
        var turn: Int64 = 0
    }

    private enum Assignment {
        /// To claim jobs of a pool, as long as there are any.
        case pool(PoolID)
        /// To go on with what an earlier run of the agent has begun.
        case attempt(OpenAttempt)
    }

    private let worker: Worker
    private let store: Store
    /// Slots of a service whose definition names no number.
    private let defaultConcurrency: Int
    private let logger: Logger
    private var pools: [PoolID: Pool] = [:]
    private let keeper: LeaseKeeper
    private var isDraining = false
    /// What a worker is to begin; the end of the stream ends the service.
    private let assignments = AsyncStream.makeStream(of: Assignment.self)
    /// Each ends with the last worker of a drain.
    private var awaitingWork: [AsyncStream<Never>.Continuation] = []

    package init(worker: Worker, defaultConcurrency: Int) {
        self.worker = worker
        store = worker.store
        keeper = LeaseKeeper(
            store: worker.store,
            limits: worker.limits,
            logger: worker.logger
        )
        logger = worker.logger
        self.defaultConcurrency = defaultConcurrency
    }

    /// Recovers what an earlier run left, then runs jobs until the agent shuts down.
    package func run() async throws {
        let kept = try await recover()
        let signals = store.signals.listen()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follow(signals) }
            group.addTask { await self.keepTime() }
            group.addTask { await self.keeper.run() }
            for executor in worker.engines.durable {
                // It takes as long as its engine is away.
                group.addTask { await executor.endLeftovers(except: kept) }
            }
            group.addTask {
                try? await gracefulShutdown()
                await self.drain()
            }
            for await assignment in assignments.stream {
                group.addTask {
                    switch assignment {
                    case .pool(let pool): await self.work(for: pool)
                    case .attempt(let attempt): await self.resume(attempt)
                    }
                }
            }
            // The stream ends when the pools are drained.
            group.cancelAll()
        }
        // A service that ends before it is its turn would end all others at once.
        try? await gracefulShutdown()
    }

    /// Kills what earlier runs of the agent left running before any job can be claimed again (promise J5), and goes on with
    /// what can go on.
    /// - Returns: the attempts that go on.
    private func recover() async throws -> Set<AttemptName> {
        let attempts = try await store.openAttempts()
        let resumable = attempts.filter { $0.engine.map { worker.engines.durable($0) != nil } ?? false }
        let kept = Set(resumable.map(\.name))
        for (_, executor) in worker.engines.all {
            guard let executor = executor as? any LeftoverEnding else { continue }
            await executor.endLeftovers(of: Set(attempts.map(\.name)).subtracting(kept))
        }
        try await store.recover(keeping: resumable, for: worker.limits.lease, maximum: worker.limits.attempts)
        let roots = worker.folders.all + worker.engines.durable.map(\.folder)
        for directory in try roots.flatMap(JobDirectory.leftovers(under:)) where !kept.contains(directory.name) {
            do { try directory.remove() } catch {
                logger.warning("leftover not removed", metadata: ["path": "\(directory.path)", "error": "\(error)"])
            }
        }
        for attempt in resumable {
            await open(attempt.pool)
            pools[attempt.pool]?.running += 1
            assignments.continuation.yield(.attempt(attempt))
        }
        return kept
    }

    private func follow(_ signals: SignalListener) async {
        for await signal in signals {
            switch signal {
            case .claimable(let pool): await wake(pool)
            case .serviceChanged(let service):
                for pool in pools.keys where pool.service == service { pools[pool]?.limit = await limit(of: pool) }
            case .cancelAsked(let job): await keeper.stop(job)
            case .deliveryDue: break
            }
        }
    }

    /// Once a second: deadlines, and jobs whose time to be tried again has come.
    private func keepTime() async {
        while !Task.isCancelled {
            do {
                try await store.failOverdue()
                try await store.failOverrun(grace: worker.limits.killGrace + .seconds(5))
                for pool in try await store.poolsWithWork() { await wake(pool) }
            } catch {
                logger.error("store not readable", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Starts workers for a pool, as many as jobs wait and as far as it has free slots.
    private func wake(_ id: PoolID) async {
        await open(id)
        guard var pool = pools[id], !isDraining else { return }
        pool.signals += 1
        let wanted = min(store.waitingJobs(of: id), max(0, pool.limit - pool.running))
        pool.running += wanted
        pools[id] = pool
        for _ in 0..<wanted { assignments.continuation.yield(.pool(id)) }
    }

    private func open(_ id: PoolID) async {
        guard pools[id] == nil else { return }
        let limit = await limit(of: id)
        // Somebody else may have opened it meanwhile.
        if pools[id] == nil { pools[id] = Pool(limit: limit) }
    }

    private func limit(of id: PoolID) async -> Int {
        let limits = try? await store.service(id: id.service).pool
        return limits?.slots(of: id.engine, default: defaultConcurrency) ?? defaultConcurrency
    }

    /// One worker: claims and runs jobs of the pool until there are none.
    private func work(for id: PoolID) async {
        while !isDraining {
            let (signals, turn) = (pools[id]?.signals, pools[id]?.turn ?? 0)
            do {
                let lease = try await store.claim(id, after: turn, lease: worker.limits.lease)
                guard let lease else {
                    // A signal that came after the look at the store means that there may be a job now.
                    if pools[id]?.signals == signals { break }
                    continue
                }
                pools[id]?.turn = lease.claim.owner
                try await run(lease, resuming: nil)
            } catch {
                logger.error("worker", metadata: ["service": "\(id.service)", "error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
        ended(id)
    }

    /// Goes on with an attempt, and then with other jobs of its pool.
    private func resume(_ attempt: OpenAttempt) async {
        do {
            if let lease = try await store.resume(attempt, lease: worker.limits.lease) {
                try await run(lease, resuming: attempt.engine)
            }
        } catch {
            logger.error("attempt not resumed", metadata: ["attempt": "\(attempt.name)", "error": "\(error)"])
        }
        await work(for: attempt.pool)
    }

    /// Takes a slot for a job that has waited in another pool; what an earlier run of the agent has started has one anyway.
    /// - Returns: false when none is free.
    func takeSlot(of id: PoolID, isResumed: Bool) async -> Bool {
        await open(id)
        guard let pool = pools[id], isResumed || pool.running < pool.limit else { return false }
        pools[id]?.running += 1
        return true
    }

    func giveBackSlot(of id: PoolID) async {
        pools[id]?.running -= 1
        await wake(id)
    }

    private func ended(_ id: PoolID) {
        pools[id]?.running -= 1
        finishIfDrained()
    }

    private func run(_ lease: consuming Lease, resuming engine: Engine?) async throws {
        let claim = lease.claim
        await keeper.hold(claim)
        do {
            try await worker.run(lease, resuming: engine, in: self) { await self.keeper.started(claim, $0) }
            await keeper.release(claim)
        } catch {
            await keeper.release(claim)
            throw error
        }
    }

    private func finishIfDrained() {
        guard isDraining, pools.values.allSatisfy({ $0.running == 0 }) else { return }
        for continuation in awaitingWork { continuation.finish() }
    }

    /// Lets running programs end within the grace, then stops them; their jobs go on at the next start, and so do
    /// orchestrations, which nothing more is started for.
    /// - Returns: when nothing runs any more, or at once when a drain has begun already.
    package func drain() async {
        guard !isDraining else { return }
        isDraining = true
        await keeper.stopWaiting()
        await waitForWork(atMost: worker.limits.drainGrace)
        await keeper.stopAll()
        // A worker that has not ended by then never will: its attempt is found open at the next start.
        await waitForWork(atMost: worker.limits.killGrace + .seconds(5))
        assignments.continuation.finish()
    }

    private func waitForWork(atMost limit: Duration) async {
        // One of its own for each wait: a stream whose reader has been cancelled is over.
        let (work, continuation) = AsyncStream.makeStream(of: Never.self)
        awaitingWork.append(continuation)
        finishIfDrained()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in work {} }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
