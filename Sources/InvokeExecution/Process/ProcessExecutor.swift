import CSpawn
import Glibc
package import InvokeModel
import Synchronization

/// Runs attempts as processes of this machine.
package final class ProcessExecutor: Executor, LeftoverEnding {
    private let sandbox: Sandbox
    private let availability: SandboxAvailability
    private let limits: ExecutionLimits
    private let killGrace: Duration
    private let tools: ProcessTools
    private let threads = AttemptThreads()
    private let state = Mutex(State())

    private struct State {
        var attempts: [ExecutionHandle: ProcessAttempt] = [:]
        /// Ended attempts whose outcome has been asked for, oldest first.
        var ended: [ExecutionHandle] = []

        mutating func noteEnd(of handle: ExecutionHandle) {
            guard !ended.contains(handle) else { return }
            ended.append(handle)
            if ended.count > ProcessExecutor.memory { attempts[ended.removeFirst()] = nil }
        }
    }

    /// How many ended attempts are remembered for those who ask once more.
    private static let memory = 32

    /// Attempts are refused when the availability that `SandboxProbe` found is not `available`; the kill grace is how
    /// long a program may take to end after the polite signal.
    package init(
        sandbox: Sandbox = .bubblewrap,
        availability: SandboxAvailability,
        limits: ExecutionLimits = ExecutionLimits(),
        killGrace: Duration = .seconds(5),
        tools: ProcessTools = ProcessTools()
    ) {
        self.sandbox = sandbox
        self.availability = availability
        self.limits = limits
        self.killGrace = killGrace
        self.tools = tools
        // What a program without a sandbox leaves running is then found among the agent's own children.
        if sandbox == .none { _ = invoke_adopt_orphans() }
    }

    /// Starts the program; what keeps it from starting is told by `wait` as `.unavailable`.
    package func start(_ attempt: AttemptSpecification) async -> ExecutionHandle {
        let handle = ExecutionHandle("process/\(attempt.name)")
        let begun = state.withLock { state -> ProcessAttempt? in
            guard state.attempts[handle] == nil else { return nil }
            let process = ProcessAttempt(
                attempt,
                sandbox: sandbox,
                tools: tools,
                limits: limits,
                killGrace: killGrace
            )
            state.attempts[handle] = process
            return process
        }
        guard let begun else { return handle }
        if case .unavailable(let reason) = availability {
            begun.conclude(.unavailable(reason))
        } else {
            begun.begin(on: threads)
        }
        return handle
    }

    /// Waits for the program's end; cancelling the wait does not end the program: `stop` does.
    ///
    /// - Returns: `.lost` for a handle of an earlier run of the agent.
    package func wait(for handle: ExecutionHandle) async -> Outcome {
        guard let attempt = state.withLock({ $0.attempts[handle] }) else { return .lost }
        let outcome = await attempt.outcome
        state.withLock { $0.noteEnd(of: handle) }
        return outcome
    }

    /// Returns when nothing of the attempt is left; a handle of an earlier run of the agent names nothing any more.
    package func stop(_ handle: ExecutionHandle) async {
        guard let attempt = state.withLock({ $0.attempts[handle] }) else { return }
        attempt.stop()
        _ = await attempt.outcome
    }

    package func condition() async -> EngineCondition {
        let fault: String? = if case .unavailable(let reason) = availability { reason } else { nil }
        return EngineCondition(
            fault: fault,
            cpus: .init(total: Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            memory: .init(total: Double(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))),
            demands: [
                .cpus: .ignored, .memory: .enforced, .gpus: .ignored, .timeout: .enforced,
                .network: sandbox == .bubblewrap ? .enforced : .ignored,
            ]
        )
    }

    /// Finds the programs by the name of their attempt, which each of them carries.
    package func endLeftovers(of attempts: Set<AttemptName>) async {
        let processes = AttemptProcesses(attempts: attempts)
        guard !attempts.isEmpty, !processes.alive.isEmpty else { return }
        for process in processes.alive { process.send(SIGTERM) }
        let end = ContinuousClock.now + killGrace
        while ContinuousClock.now < end, !processes.alive.isEmpty { try? await Task.sleep(for: .milliseconds(20)) }
        processes.kill()
    }
}
