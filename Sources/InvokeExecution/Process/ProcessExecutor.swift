package import InvokeModel

/// Runs attempts as processes of this machine.
package actor ProcessExecutor: Executor {
    private let sandbox: Sandbox
    private let availability: SandboxAvailability
    private let limits: ExecutionLimits
    private let killGrace: Duration
    private let tools: ProcessTools
    private let clock: any Clock<Duration>

    private var attempts: [Name: Entry] = [:]
    private var names: [ExecutionHandle: Name] = [:]
    /// Ended attempts whose outcome has been asked for, oldest first.
    private var ended: [ExecutionHandle] = []

    private struct Name: Hashable {
        let job: JobID
        let number: Int
    }

    private struct Entry {
        let process: ProcessAttempt
        let handle: Task<ExecutionHandle, Never>
        let outcome: Task<Outcome, Never>
    }

    /// How many ended attempts are remembered for those who ask once more.
    private static let memory = 256

    /// Attempts are refused when the availability that `SandboxProbe` found is not `available`; the kill grace is how
    /// long a program may take to end after the polite signal.
    package init(
        sandbox: Sandbox = .bubblewrap,
        availability: SandboxAvailability,
        limits: ExecutionLimits = ExecutionLimits(),
        killGrace: Duration = .seconds(5),
        tools: ProcessTools = ProcessTools(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.sandbox = sandbox
        self.availability = availability
        self.limits = limits
        self.killGrace = killGrace
        self.tools = tools
        self.clock = clock
    }

    /// Starts the program; what keeps it from starting is told by `wait` as `.unavailable`.
    package func start(_ attempt: AttemptSpecification) async -> ExecutionHandle {
        let name = Name(job: attempt.job, number: attempt.number)
        let entry = attempts[name] ?? begin(attempt)
        attempts[name] = entry
        let handle = await entry.handle.value
        names[handle] = name
        return handle
    }

    /// Waits for the program's end; cancelling the wait does not end the program: `stop` does.
    ///
    /// - Returns: `.lost` for a handle of an earlier run of the agent.
    package func wait(for handle: ExecutionHandle) async -> Outcome {
        guard let name = names[handle], let entry = attempts[name] else { return .lost }
        let outcome = await entry.outcome.value
        if !ended.contains(handle) { ended.append(handle) }
        if ended.count > Self.memory, let forgotten = names.removeValue(forKey: ended.removeFirst()) {
            attempts[forgotten] = nil
        }
        return outcome
    }

    /// Returns when nothing of the attempt is left; also for what an earlier run of the agent started.
    package func stop(_ handle: ExecutionHandle) async {
        let entry = names[handle].flatMap { attempts[$0] }
        // Its own task, so that a caller that is being cancelled itself still grants the program its grace.
        await Task { [killGrace, clock] in
            if let entry {
                await entry.process.end(as: .stopped)
                _ = await entry.outcome.value
            } else {
                await StartedProgram(handle)?.end(grace: killGrace, clock: clock)
            }
        }.value
    }

    private func begin(_ attempt: AttemptSpecification) -> Entry {
        let process = ProcessAttempt(
            attempt,
            sandbox: sandbox,
            tools: tools,
            limits: limits,
            killGrace: killGrace,
            clock: clock
        )
        let (handles, announcement) = AsyncStream<ExecutionHandle>.makeStream()
        let outcome = Task { [availability] in
            if case .unavailable(let text) = availability {
                announcement.finish()
                return Outcome.unavailable(text)
            }
            return await process.run(announcing: announcement)
        }
        let handle = Task {
            for await handle in handles { return handle }
            return ExecutionHandle("unstarted/\(attempt.job)-\(attempt.number)")
        }
        return Entry(process: process, handle: handle, outcome: outcome)
    }
}
