import InvokeExecution
import InvokeModel
import InvokeStore

extension Worker {
    /// Runs an attempt by the first of a program's engines that this agent has, that can start something now and that the
    /// service has a slot for; by the one that has it, when it is resumed.
    /// - Throws: `NoEngineAvailable` when none can.
    func placed(
        _ program: Program,
        _ claim: Claim,
        resuming engine: Engine?,
        in pools: WorkerPools,
        _ body: (Placement) async throws -> AttemptEnding
    ) async throws -> AttemptEnding {
        let resumed = engine.flatMap { engines[$0] == nil ? nil : $0 }
        var faults: [String] = []
        var isBusy = false
        for engine in resumed.map({ [$0] }) ?? program.engines {
            guard let executor = engines[engine] else { continue }
            let placement = Placement(engine: engine, executor: executor, isResumed: resumed != nil)
            let pool = try await otherPool(for: engine, claim)
            if let pool, await !pools.takeSlot(of: pool, isResumed: resumed != nil) {
                faults.append("\(engine.rawValue): all slots of the service are busy")
                isBusy = true
                continue
            }
            do {
                let ending = try await body(placement)
                if let pool { await pools.giveBackSlot(of: pool) }
                return ending
            } catch {
                if let pool { await pools.giveBackSlot(of: pool) }
                guard let fault = error as? EngineUnavailable else { throw error }
                faults.append("\(engine.rawValue): \(fault)")
            }
        }
        guard !faults.isEmpty else {
            let names = program.engines.map(\.rawValue).joined(separator: " or ")
            throw JobFailure(.engineUnavailable, "This agent has no engine \(names).")
        }
        throw NoEngineAvailable(faults: faults, isBusy: isBusy)
    }

    /// The pool in which a job needs a slot to be run by an engine; nil where the slot that it has waited for will do.
    private func otherPool(for engine: Engine, _ claim: Claim) async throws -> PoolID? {
        guard let own = claim.pool.engine, own != engine else { return nil }
        let limits = try await store.service(id: claim.pool.service).pool
        return PoolID(service: claim.pool.service, engine: limits.pool(of: engine))
    }

    /// The folder of an attempt, or the one that it has been given by an earlier run of the agent.
    func makeFolder(
        for claim: Claim,
        at placement: Placement,
        movesAssets: Bool,
        _ traces: AttemptTraces
    ) throws -> JobDirectory {
        let root = placement.durable?.folder ?? (movesAssets ? folders.disk : folders.memory ?? folders.disk)
        let directory =
            placement.isResumed
            ? JobDirectory(root: root, job: claim.job, attempt: claim.attempt)
            : try JobDirectory.create(root: root, job: claim.job, attempt: claim.attempt)
        traces.begin(directory)
        return directory
    }

    /// How long it is until a job's deadline.
    func remaining(of claim: Claim) -> Duration {
        .milliseconds(claim.deadline.milliseconds - store.now.milliseconds)
    }

    /// Starts the program, or finds it again, and waits for its end, writing down meanwhile what it says.
    /// - Throws: `EngineUnavailable`, and then nothing is left of it; `AttemptLeft`.
    func execute(
        _ specification: AttemptSpecification,
        at placement: Placement,
        _ claim: Claim,
        _ recorder: AttemptRecorder,
        _ traces: AttemptTraces,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws -> Outcome {
        guard let handle = try await begin(specification, at: placement, claim, traces, running: running) else {
            return .lost
        }
        traces.started(handle, by: placement.durable)
        let executor = placement.executor
        let waiting = Leavable { try await executor.wait(for: handle) }
        var stop = AttemptStop(isWaiting: false, name: "\(handle)") { try await executor.stop(handle) }
        if placement.durable != nil { stop.leave = { waiting.leave() } }
        await running(stop)
        return try await withThrowingTaskGroup { group in
            group.addTask { try await recorder.writeAsItComes() }
            let outcome: Outcome
            do {
                outcome = try await waiting.value
            } catch let error where !(error is AttemptLeft) {
                try? await executor.stop(handle)
                throw error
            }
            // First the end of what is being written, so that the lines stay in their order.
            group.cancelAll()
            try await group.waitForAll()
            try await recorder.finish()
            return outcome
        }
    }

    /// - Returns: nil when there is nothing to be found again of an attempt that was to be resumed.
    private func begin(
        _ specification: AttemptSpecification,
        at placement: Placement,
        _ claim: Claim,
        _ traces: AttemptTraces,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws -> ExecutionHandle? {
        guard let durable = placement.durable else {
            return try await started(specification, at: placement, traces)
        }
        guard placement.isResumed else {
            // Before anything can run there: the next start has to know where to look.
            try await store.insist { try await store.note(placement.engine, of: claim) }
            return try await started(specification, at: placement, traces)
        }
        try await store.insist { try await store.rewindLog(of: claim) }
        let finding = Leavable { try await durable.resume(specification) }
        await running(
            AttemptStop(isWaiting: false, name: "\(specification.name)", leave: { finding.leave() }, stop: {})
        )
        return try await finding.value
    }

    private func started(
        _ specification: AttemptSpecification,
        at placement: Placement,
        _ traces: AttemptTraces
    ) async throws -> ExecutionHandle {
        do {
            return try await placement.executor.start(specification)
        } catch let fault as EngineUnavailable {
            await traces.remove()
            throw fault
        }
    }
}
