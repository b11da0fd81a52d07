import InvokeExecution
import InvokeModel
import InvokeStore
import Logging
import ServiceLifecycle

/// The workers of all services: each service has its own slots, so none waits for another's jobs.
package actor WorkerPools: Service {
    private struct Pool {
        var limit: Int
        var running = 0
        /// Rises with every signal, so that a worker that found nothing knows whether something has come since.
        var signals = 0
        /// The account that was served last; the next one in number comes next.
        var turn: Int64 = 0
    }

    private let worker: Worker
    private let store: Store
    /// Slots of a service whose definition names no number.
    private let defaultConcurrency: Int
    private let logger: Logger
    private var pools: [Int64: Pool] = [:]
    private var handles: [JobID: ExecutionHandle] = [:]
    private var isDraining = false
    /// The time that running programs are given during a shutdown has passed.
    private var isGraceOver = false
    /// What is to be done beside everything else; the end of the stream ends the service.
    private let assignments = AsyncStream.makeStream(of: Assignment.self)

    private enum Assignment: Sendable {
        case work(service: Int64)
        case stop(JobID)
    }

    package init(worker: Worker, defaultConcurrency: Int) {
        self.worker = worker
        store = worker.store
        logger = worker.logger
        self.defaultConcurrency = defaultConcurrency
    }

    /// Recovers what an earlier run left, then runs jobs until the agent shuts down.
    package func run() async throws {
        try await recover()
        let signals = store.signals.listen()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follow(signals) }
            group.addTask { await self.keepTime() }
            group.addTask {
                try? await gracefulShutdown()
                await self.drain()
            }
            for await assignment in assignments.stream {
                group.addTask {
                    switch assignment {
                    case .work(let service): await self.work(service)
                    case .stop(let job): await self.stop(job)
                    }
                }
            }
            // The stream ends when the pools are drained.
            group.cancelAll()
        }
    }

    /// Kills what earlier runs of the agent left running before any job can be claimed again (promise J5).
    private func recover() async throws {
        for attempt in try await store.openAttempts() {
            if let handle = attempt.handle { try await worker.executor.stop(ExecutionHandle(handle)) }
        }
        try await store.recover(maximum: worker.limits.attempts)
        for directory in try JobDirectory.leftovers(under: worker.workRoot) {
            do { try directory.remove() } catch {
                logger.warning("leftover not removed", metadata: ["path": "\(directory.path)", "error": "\(error)"])
            }
        }
    }

    private func follow(_ signals: AsyncStream<Signals.Signal>) async {
        for await signal in signals {
            switch signal {
            case .claimable(let service): await wake(service, workers: 1)
            case .serviceChanged(let service): pools[service]?.limit = await limit(of: service)
            case .cancelAsked(let job): assignments.continuation.yield(.stop(job))
            case .deliveryDue: break
            }
        }
    }

    /// Once a second: deadlines of waiting jobs, and jobs whose time to be tried again has come.
    private func keepTime() async {
        while !Task.isCancelled, !isDraining {
            do {
                try await store.failOverdue()
                for service in try await store.servicesWithWork() { await wake(service, workers: .max) }
            } catch {
                logger.error("store not readable", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Starts workers for a service, as far as it has free slots.
    private func wake(_ service: Int64, workers: Int) async {
        if pools[service] == nil {
            let limit = await limit(of: service)
            // Another wake may have made the pool meanwhile.
            if pools[service] == nil { pools[service] = Pool(limit: limit) }
        }
        guard var pool = pools[service], !isDraining else { return }
        pool.signals += 1
        let wanted = min(workers, max(0, pool.limit - pool.running))
        pool.running += wanted
        pools[service] = pool
        for _ in 0..<wanted { assignments.continuation.yield(.work(service: service)) }
    }

    private func limit(of service: Int64) async -> Int {
        (try? await store.service(id: service).pool.concurrency) ?? defaultConcurrency
    }

    /// One worker: claims and runs jobs of the service until there are none.
    private func work(_ service: Int64) async {
        while !isDraining {
            let (signals, turn) = (pools[service]?.signals, pools[service]?.turn ?? 0)
            do {
                guard let lease = try await store.claim(service: service, after: turn) else {
                    // A signal that came after the look at the store means that there may be a job now.
                    if pools[service]?.signals == signals { break }
                    continue
                }
                let claim = lease.claim
                pools[service]?.turn = claim.owner
                defer { handles[claim.job] = nil }
                try await worker.run(lease) { await self.started(claim.job, $0) }
            } catch {
                logger.error("worker", metadata: ["service": "\(service)", "error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
        pools[service]?.running -= 1
        finishIfDrained()
    }

    private func finishIfDrained() {
        guard isDraining, pools.values.allSatisfy({ $0.running == 0 }) else { return }
        assignments.continuation.finish()
    }

    private func started(_ job: JobID, _ handle: ExecutionHandle) async {
        handles[job] = handle
        // What was asked for before there was a handle has found nothing to stop.
        let isCancelled = (try? await store.isCancelAsked(job)) == true
        if isCancelled || isGraceOver { assignments.continuation.yield(.stop(job)) }
    }

    private func stop(_ job: JobID) async {
        guard let handle = handles[job] else { return }
        do { try await worker.executor.stop(handle) } catch {
            logger.error("program not stopped", metadata: ["job": "\(job)", "error": "\(error)"])
        }
    }

    /// Lets running programs end within the grace, then stops them; their jobs go on at the next start.
    private func drain() async {
        isDraining = true
        finishIfDrained()
        try? await Task.sleep(for: worker.limits.drainGrace)
        isGraceOver = true
        await withTaskGroup(of: Void.self) { group in
            for job in handles.keys { group.addTask { await self.stop(job) } }
        }
    }
}
