import struct Foundation.Date
package import InvokeAssets
package import InvokeExecution
package import InvokeModel
package import InvokeStore
package import InvokeWire
package import Logging
import OrderedCollections

/// Runs one claimed job from its inputs to its end.
package struct Worker: Sendable {
    let agent: AgentID
    let store: Store
    let contents: FileContentStore
    let engines: Engines
    let definitions: DefinitionReader
    let folders: WorkFolders
    let limits: WorkerLimits
    let logger: Logger
    let calls: ProviderCalls
    /// Starts a child of an orchestration, by the rules of an invocation, or finds the one that was started before.
    let startChild: @Sendable (ChildInvocation) async throws -> JobID
    /// What running the scripts of a service takes, by the service's row.
    let scriptEnvironment: @Sendable (Int64) async throws -> ScriptEnvironment
    private let operations = KnownOperations()

    package init(
        agent: AgentID,
        store: Store,
        contents: FileContentStore,
        engines: Engines,
        definitions: DefinitionReader,
        folders: WorkFolders,
        limits: WorkerLimits = WorkerLimits(),
        logger: Logger,
        calls: ProviderCalls,
        startChild: @escaping @Sendable (ChildInvocation) async throws -> JobID,
        scriptEnvironment: @escaping @Sendable (Int64) async throws -> ScriptEnvironment
    ) {
        self.agent = agent
        self.store = store
        self.contents = contents
        self.engines = engines
        self.definitions = definitions
        self.folders = folders
        self.limits = limits
        self.logger = logger
        self.calls = calls
        self.startChild = startChild
        self.scriptEnvironment = scriptEnvironment
    }

    /// Runs the job and ends its attempt; `running` is told how to stop it once there is something to stop. `engine` is what
    /// an earlier run of the agent has begun the attempt with; `pools` has the slots of all engines.
    func run(
        _ lease: consuming Lease,
        resuming engine: Engine? = nil,
        in pools: WorkerPools,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws {
        let claim = lease.claim
        let traces = AttemptTraces()
        let hold = contents.hold()
        defer { hold.end() }
        let ending: AttemptEnding
        do {
            ending = try await hold.collect {
                try await attempt(claim, resuming: engine, in: pools, traces, running: running)
            }
        } catch let failure as JobFailure {
            ending = .failed(failure)
        } catch is AttemptLeft {
            return
        } catch let fault as NoEngineAvailable {
            let reasons = fault.faults.joined(separator: "; ")
            logger.warning("no engine for a job", metadata: ["job": "\(claim.job)", "reason": "\(reasons)"])
            let pause = limits.enginePause * Double.random(in: 0.5...1)
            ending = .interrupted(reason: fault.reason, until: store.now.addingTimeInterval(pause))
        } catch is AttemptStopped {
            ending = .interrupted(reason: "the agent stopped the call")
        } catch let fault as ProviderUnavailable {
            ending = again(claim, fault)
        } catch {
            logger.error("attempt failed", metadata: ["job": "\(claim.job)", "error": "\(error)"])
            ending = retry(claim, JobFailure(.attemptsExhausted, "The agent could not run the job."))
        }
        let isApplied = try await store.end(lease, as: ending)
        await traces.remove()
        if !isApplied {
            logger.warning("stale attempt", metadata: ["job": "\(claim.job)", "attempt": "\(claim.attempt)"])
        }
    }

    private func attempt(
        _ claim: Claim,
        resuming engine: Engine?,
        in pools: WorkerPools,
        _ traces: AttemptTraces,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws -> AttemptEnding {
        let known = try await operations.operation(claim.operation) {
            let record = try await store.operation(id: claim.operation)
            let definition = try JSON(result: record.definition)
            return KnownOperation(
                record: record,
                operation: try definitions.operation(record.name, definition, at: "#")
            )
        }
        switch known.operation.run {
        case .program(let program):
            return try await placed(program, claim, resuming: engine, in: pools) { placement in
                try await run(program, of: known, claim, at: placement, traces, running: running)
            }
        case .script(let script):
            return try await placed(script.program, claim, resuming: engine, in: pools) { placement in
                try await run(script, of: known, claim, at: placement, traces, running: running)
            }
        case .endpoint(let endpoint): return try await run(endpoint, of: known, claim, running: running)
        case .orchestration(let graph):
            let orchestrator = Orchestrator(
                claim: claim,
                graph: graph,
                operation: known.operation,
                paid: known.operation.assets(among: claim.inputs, on: agent),
                store: store,
                startChild: startChild
            )
            return try await orchestrator.run(running: running)
        }
    }

    private func run(
        _ program: Program,
        of known: KnownOperation,
        _ claim: Claim,
        at placement: Placement,
        _ traces: AttemptTraces,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws -> AttemptEnding {
        let (record, operation) = (known.record, known.operation)
        let directory = try makeFolder(for: claim, at: placement, movesAssets: operation.movesAssets, traces)
        let inputs = placement.isResumed ? [] : try await stage(claim.inputs, of: operation, in: directory)
        let recorder = AttemptRecorder(claim, store: store)
        let specification = AttemptSpecification(
            job: claim.job,
            number: claim.attempt,
            operation: DID(agent: agent, asset: record.asset).description,
            program: program,
            inputs: inputs,
            directory: directory,
            remaining: remaining(of: claim),
            listener: recorder
        )
        let outcome = try await execute(specification, at: placement, claim, recorder, traces, running: running)
        guard case .exited(code: 0) = outcome else {
            return ending(of: outcome, at: placement, claim, program, recorder)
        }
        let produced: [String: ProducedOutput]
        do {
            produced = try OutputCollector().collect(operation.outputs, from: directory)
        } catch {
            throw JobFailure(error.code, error.message)
        }
        return try end(with: try await keep(produced, of: claim), of: known, claim)
    }

    func ending(
        of outcome: Outcome,
        at placement: Placement,
        _ claim: Claim,
        _ program: Program,
        _ recorder: AttemptRecorder
    ) -> AttemptEnding {
        switch outcome {
        case .exited(let code):
            let lines = recorder.lastLines
            let text = "The program ended with status \(code)." + (lines.isEmpty ? "" : " Its last words:\n\(lines)")
            let failure = JobFailure(.operationFailed, text)
            return claim.counted <= program.retries ? delayed(claim, failure.text) : .failed(failure)
        case .signalled(let signal):
            return .failed(JobFailure(.killedBySignal, "The program was ended by signal \(signal)."))
        case .timedOut:
            return .failed(JobFailure(.deadlinePassed, "The program took longer than it may and was stopped."))
        case .stopped:
            return .interrupted(reason: "the agent stopped the program")
        case .exceeded(let code, let text):
            return .failed(JobFailure(code, text))
        case .unavailable(let reason):
            logger.error("program not started", metadata: ["job": "\(claim.job)", "reason": "\(reason)"])
            guard placement.engine == .process else {
                let text = "The engine \(placement.engine.rawValue) could not run it; the agent's log says why."
                return retry(claim, JobFailure(.engineUnavailable, text))
            }
            return retry(claim, JobFailure(.sandboxUnavailable, "The sandbox is not available on this agent."))
        case .refused(let text):
            return .failed(JobFailure(.engineUnavailable, text))
        case .lost:
            return retry(claim, JobFailure(.attemptsExhausted, "The program was lost sight of."))
        }
    }

    /// Tries again later, unless the job has been tried as often as it may.
    private func retry(_ claim: Claim, _ failure: JobFailure) -> AttemptEnding {
        claim.counted < limits.attempts ? delayed(claim, failure.text) : .failed(failure)
    }

    /// Tries again when others may be able to do their part.
    private func again(_ claim: Claim, _ fault: ProviderUnavailable) -> AttemptEnding {
        guard claim.counted < max(limits.attempts, fault.retries + 1) else { return .failed(fault.failure) }
        let wait = min(fault.asked ?? .zero, .seconds(limits.longestRetry))
        return delayed(claim, fault.failure.text, atLeast: wait)
    }

    func delayed(_ claim: Claim, _ reason: String, atLeast wait: Duration = .zero) -> AttemptEnding {
        let delay = max(limits.retryDelay(after: claim.counted), wait)
        return .retry(at: store.now.addingTimeInterval(delay / .seconds(1)), reason: reason)
    }
}

extension Operation {
    /// Whether files of any size go in or out.
    fileprivate var movesAssets: Bool {
        inputs.contains(where: \.takesAssets) || outputs.contains { $0.type == .asset }
    }
}

/// What workers allow (reliability contract, section 1).
package struct WorkerLimits: Sendable {
    /// Attempts of a job that keeps being lost, the first one included.
    package var attempts = 3
    /// Seconds: the ceiling of the delay before the second attempt, and of any delay.
    package var retryBase: Double = 1
    package var longestRetry: Double = 300
    /// How long running programs may go on once the agent is told to stop.
    package var drainGrace: Duration = .seconds(25)
    /// Seconds, at most, until a job that no engine could be reached for is tried again.
    package var enginePause: Double = 10
    /// How long a program may take to end before it is killed.
    package var killGrace: Duration = .seconds(5)
    /// How long an attempt is this process's without a renewal; it is renewed three times as often.
    package var lease: Duration = .seconds(30)

    package init() {}

    var heartbeat: Duration { lease / 3 }

    /// Full jitter: anywhere between now and a ceiling that doubles with every attempt that counts.
    func retryDelay(after counted: Int) -> Duration {
        let ceiling = min(retryBase * Double(1 << min(max(counted, 1) - 1, 20)), longestRetry)
        return .seconds(Double.random(in: 0...ceiling))
    }
}
