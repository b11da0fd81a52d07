import InvokeExecution
import InvokeModel
import InvokeStore

extension Worker {
    /// Runs an attempt by the first of a program's engines that this agent has and that can start something now; by the one
    /// that has it, when it is resumed.
    /// - Throws: `NoEngineAvailable` when none can.
    func placed(
        _ program: Program,
        resuming engine: Engine?,
        _ body: (Placement) async throws -> AttemptEnding
    ) async throws -> AttemptEnding {
        if let engine, let executor = engines[engine] {
            return try await body(Placement(engine: engine, executor: executor, isResumed: true))
        }
        var faults: [String] = []
        for engine in program.engines {
            guard let executor = engines[engine] else { continue }
            do {
                return try await body(Placement(engine: engine, executor: executor, isResumed: false))
            } catch let fault as EngineUnavailable {
                faults.append("\(engine.rawValue): \(fault)")
            }
        }
        guard !faults.isEmpty else {
            let names = program.engines.map(\.rawValue).joined(separator: " or ")
            throw JobFailure(.engineUnavailable, "This agent has no engine \(names).")
        }
        throw NoEngineAvailable(faults: faults)
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
