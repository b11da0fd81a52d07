package import InvokeModel
import Logging

/// Runs attempts as jobs of a Slurm cluster, in folders that the agent and the nodes share, or that nodes fetch from the
/// agent and bring back.
///
/// An attempt is its job's name: it is submitted once, found again by any later run of the agent, and its end is read from
/// its folder. The controller may be away at any time; nothing that runs minds.
package actor SlurmExecutor: DurableExecutor {
    package nonisolated let folder: String
    let settings: SlurmSettings
    let controller: any SlurmController
    private nonisolated let queue = SerialQueue(label: "invoke.slurm")

    var attempts: [ExecutionHandle: SlurmAttempt] = [:]
    var arrays: SlurmArrays
    /// The most tasks that the cluster takes as one array, as far as is known; with one there are no arrays.
    var longestArray = SlurmArrays.most
    /// Those that wait for a submission of the same demand to be answered; there is an entry while one is under way.
    var candidates: [SlurmDemand: [Candidate]] = [:]
    /// Looks at the attempts as long as there are any that have not ended.
    private var watch: Task<Void, Never>?
    private var isAsking = false
    /// The next question for all jobs, which has not been asked yet.
    var question: Task<[AttemptName?: [SlurmJob]], any Error>?
    let questions = Gate(places: 1)

    package init(_ settings: SlurmSettings) { self.init(settings, controller: Self.controller(settings)) }

    init(_ settings: SlurmSettings, controller: any SlurmController) {
        self.settings = settings
        self.controller = controller
        folder = settings.folder
        arrays = SlurmArrays(root: settings.folder)
    }

    /// What speaks to the cluster as the settings say.
    static func controller(_ settings: SlurmSettings) -> any SlurmController {
        switch settings.connection {
        case .rest(let address, let login): SlurmREST(address: address, login: login, logger: settings.logger)
        case .commands(let tools): SlurmCommands(tools)
        }
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    static func handle(_ attempt: AttemptName) -> ExecutionHandle { ExecutionHandle("slurm/\(attempt)") }

    /// Submits the job; what the cluster will never run is told by `wait` as `.refused`.
    /// - Throws: `EngineUnavailable` when the controller can't be asked, and has taken nothing.
    package func start(_ specification: AttemptSpecification) async throws -> ExecutionHandle {
        let handle = Self.handle(specification.name)
        guard attempts[handle] == nil else { return handle }
        let attempt = SlurmAttempt(specification, settings)
        attempts[handle] = attempt
        do {
            try attempt.prepare(agentURL: try await agentURL())
            try await submit(attempt)
        } catch SlurmFault.away(let text) {
            attempts[handle] = nil
            attempt.conclude(.lost)
            throw EngineUnavailable(text)
        } catch {
            attempt.conclude(.unavailable("The attempt can't be prepared: \(error)."))
        }
        beginWatch()
        return handle
    }

    /// Waits for the end that the attempt's folder or the cluster tells of.
    /// - Returns: `.lost` for a handle that neither `start` nor `resume` has returned.
    package func wait(for handle: ExecutionHandle) async -> Outcome {
        guard let attempt = attempts[handle] else { return .lost }
        return await withCheckedContinuation { attempt.wait($0) }
    }

    package func stop(_ handle: ExecutionHandle) async {
        guard let attempt = attempts[handle] else { return }
        await end(attempt, .stopped)
    }

    package func resume(_ specification: AttemptSpecification) async throws -> ExecutionHandle? {
        let handle = Self.handle(specification.name)
        guard attempts[handle] == nil else { return handle }
        let attempt = SlurmAttempt(specification, settings)
        guard attempt.place.isPrepared else { return nil }
        let hasEnded = attempt.place.exitStatus != nil
        let jobs =
            hasEnded
            ? []
            : try await insist { try await self.jobs()[specification.name] ?? [] }
        // Whoever submitted it may be about to be heard: this keeps the program from being started then.
        if !hasEnded, jobs.isEmpty, try attempt.place.claim() {
            attempt.place.withdraw()
            return nil
        }
        guard attempts[handle] == nil else { return handle }
        if !jobs.isEmpty { attempt.take(jobs, at: .now) }
        attempt.restart()
        attempts[handle] = attempt
        beginWatch()
        return handle
    }

    package func forget(_ handle: ExecutionHandle) async {
        guard let attempt = attempts.removeValue(forKey: handle) else { return }
        attempt.place.withdraw()
        arrays.leave(attempt.specification.name)
        attempt.conclude(.lost)
    }

    package func endLeftovers(except kept: Set<AttemptName>) async {
        _ = try? await insist {
            for (name, jobs) in try await self.jobs() {
                if let name {
                    guard !kept.contains(name), self.attempts[Self.handle(name)] == nil else { continue }
                    let directory = JobDirectory(root: self.folder, job: name.job, attempt: name.number)
                    SlurmPlace(directory, self.settings).withdraw()
                }
                for job in jobs where !job.hasEnded { try await self.controller.cancel(job.id) }
            }
        }
        arrays.sweep()
    }

    package func condition() async -> EngineCondition {
        let demands: [EngineCondition.Demand: EngineCondition.Treatment] = [
            .cpus: .scheduled, .memory: .scheduled, .gpus: .scheduled, .timeout: .enforced, .network: .ignored,
        ]
        do {
            let cluster = try await controller.cluster()
            return EngineCondition(
                version: cluster.version.map { "slurm \($0)" },
                cpus: .init(total: Double(cluster.cpus), used: Double(cluster.usedCPUs)),
                memory: .init(total: Double(cluster.memory << 20), used: Double(cluster.usedMemory << 20)),
                gpus: .init(total: Double(cluster.gpus), used: Double(cluster.usedGPUs)),
                demands: demands
            )
        } catch {
            return EngineCondition(fault: (error as? SlurmFault)?.text ?? "\(error)", demands: demands)
        }
    }

    /// Where nodes reach the agent; nil where they need not.
    /// - Throws: `SlurmFault.away` as long as that isn't known.
    private func agentURL() async throws(SlurmFault) -> String? {
        guard case .transfers(_, let url) = settings.exchange else { return nil }
        guard let url = try? await url() else { throw .away("The agent does not listen yet.") }
        return url
    }

    /// Asks until there is an answer.
    /// - Throws: `CancellationError` when nobody waits for it any more.
    private func insist<Answer: Sendable>(_ question: () async throws -> Answer) async throws -> Answer {
        while true {
            do { return try await question() } catch let fault as SlurmFault {
                settings.logger.warning("Slurm can't be asked", metadata: ["reason": "\(fault.text)"])
            }
            try await Task.sleep(for: settings.interval)
        }
    }

    private func beginWatch() {
        guard watch == nil else { return }
        watch = Task {
            while true {
                for attempt in attempts.values where attempt.outcome == nil { await look(at: attempt) }
                // Without a pause when all have ended: the next one is not to wait for it.
                guard attempts.values.contains(where: { $0.outcome == nil }) else { break }
                if !isAsking {
                    isAsking = true
                    // A controller that is away takes its time to say so; the folders are looked at meanwhile.
                    Task {
                        await ask()
                        isAsking = false
                    }
                }
                try? await Task.sleep(for: pause)
            }
            watch = nil
        }
    }

    /// Until the next look: longer while nothing can have happened but a start.
    private var pause: Duration {
        let running = attempts.values.filter { $0.outcome == nil }
        let isQuiet = running.allSatisfy { !$0.hasStarted && ContinuousClock.now - $0.since > .seconds(60) }
        let beat = isQuiet ? settings.interval * 3 : settings.interval
        let deadline = running.lazy.filter { $0.verdict == nil }.map(\.deadline).min() ?? .now + beat
        return min(beat, max(.milliseconds(10), ContinuousClock.now.duration(to: deadline)))
    }
}
