import Glibc
import InvokeModel
import Subprocess
import Synchronization

/// One attempt from its start to its end.
final class ProcessAttempt: Sendable {
    private let specification: AttemptSpecification
    private let launcher: Launcher
    private let killGrace: Duration
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    private struct State {
        var started: StartedProgram?
        /// Why the agent ended the program, if it did.
        var verdict: Outcome?
    }

    init(
        _ specification: AttemptSpecification,
        sandbox: Sandbox,
        tools: ProcessTools,
        limits: ExecutionLimits,
        killGrace: Duration,
        clock: any Clock<Duration>
    ) {
        self.specification = specification
        self.killGrace = killGrace
        self.clock = clock
        launcher = Launcher(
            sandbox: sandbox,
            tools: tools,
            limits: limits,
            view: ProgramView(
                attempt: specification,
                paths: ProgramPaths(sandbox, in: specification.directory)
            ),
            user: UnprivilegedUser(tenant: specification.tenant)
        )
    }

    /// Runs the program to its end; nothing of it is left afterwards.
    ///
    /// The handle is announced as soon as there is one; without one, nothing was started.
    func run(announcing handles: AsyncStream<ExecutionHandle>.Continuation) async -> Outcome {
        defer { handles.finish() }
        do {
            try prepare()
        } catch {
            return .unavailable("The attempt can't be prepared: \(error).")
        }
        return await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await self.execute(handles) }
            group.addTask {
                do { try await self.clock.sleep(for: self.specification.timeout) } catch { return nil }
                await self.end(as: .timedOut)
                return nil
            }
            group.addTask {
                await self.watchOutputs()
                return nil
            }
            var end: Outcome?
            while end == nil, let outcome = await group.next() { end = outcome }
            group.cancelAll()
            return end ?? .lost
        }
    }

    /// Ends the program for a reason of the agent's; the first reason is the outcome.
    func end(as verdict: Outcome) async {
        let started = state.withLock { state in
            state.verdict = state.verdict ?? verdict
            return state.started
        }
        await started?.end(grace: killGrace, clock: clock)
    }

    private func prepare() throws {
        let files = AttemptFiles(view: launcher.view, user: launcher.user)
        try files.write()
        guard launcher.sandbox == .bubblewrap else { return }
        guard let filter = SystemCallFilter.current else {
            throw SystemFault("filter system calls on this machine for", specification.directory.path, ENOSYS)
        }
        try files.write(sandboxArguments: launcher.sandboxArguments, filter: filter)
    }

    private func execute(_ handles: AsyncStream<ExecutionHandle>.Continuation) async -> Outcome {
        let directory = specification.directory
        let limits = launcher.limits
        let output = OutputDrain(
            listener: specification.listener,
            stream: .output,
            logLimit: limits.log,
            // One byte more, because a final newline does not count.
            capture: .init(path: directory.stdout, limit: limits.result + 1, droppedPath: directory.stdoutDropped)
        )
        let errors = OutputDrain(listener: specification.listener, stream: .errors, logLimit: limits.log, capture: nil)

        var options = PlatformOptions()
        // What a terminal sends to the agent's processes is not for the program.
        options.createSession = true
        do {
            let result = try await Subprocess.run(
                .name("sh"),
                arguments: Arguments(launcher.shellArguments),
                environment: .custom(["PATH": "/usr/bin:/bin"]),
                platformOptions: options,
                input: .none,
                output: .sequence,
                error: .sequence
            ) { execution in
                try self.begin(execution.processIdentifier.value, handles)
                async let complaints = errors.drain(execution.standardError)
                _ = await output.drain(execution.standardOutput)
                return await complaints
            }
            return await finish(result.terminationStatus, complaints: result.closureResult)
        } catch {
            state.withLock(\.started)?.kill()
            return .unavailable("The program can't be started: \(error).")
        }
    }

    private func begin(_ id: pid_t, _ handles: AsyncStream<ExecutionHandle>.Continuation) throws {
        // An ended process keeps its entry until it is collected, which is after this.
        guard let leader = ProcessIdentity(of: id) else { throw SystemFault("find the process", "/proc/\(id)", ESRCH) }
        let started = StartedProgram(
            sandbox: launcher.sandbox,
            leader: leader,
            job: specification.job,
            attempt: specification.number
        )
        let verdict = state.withLock { state in
            state.started = started
            return state.verdict
        }
        if verdict != nil { started.kill() }
        handles.yield(started.handle)
    }

    private func finish(_ status: TerminationStatus, complaints: [UInt8]) async -> Outcome {
        let report = SandboxReport(specification.directory)
        switch launcher.sandbox {
        case .bubblewrap: await namespaceEnds(report)
        case .none: state.withLock(\.started)?.kill()
        }
        if let verdict = state.withLock(\.verdict) { return verdict }
        if launcher.sandbox == .bubblewrap, case .exited = status, !report.cameUp {
            let text = String(decoding: complaints, as: UTF8.self).split(separator: "\n").last ?? "no reason was given"
            return .unavailable("The sandbox could not be set up: \(text)")
        }
        return exceedsOutputs() ?? Outcome(status, behindSandbox: launcher.sandbox == .bubblewrap)
    }

    /// bubblewrap ends a moment before its namespace does, and until then the outputs might still change.
    private func namespaceEnds(_ report: SandboxReport) async {
        guard let first = report.firstProcess.flatMap(ProcessIdentity.init(of:)) else { return }
        for _ in 0..<2_500 where first.isAlive { try? await Task.sleep(for: .milliseconds(2)) }
    }

    private func watchOutputs() async {
        while true {
            do { try await clock.sleep(for: .seconds(1)) } catch { return }
            if let verdict = exceedsOutputs() { return await end(as: verdict) }
        }
    }

    private func exceedsOutputs() -> Outcome? {
        let limits = launcher.limits
        let use = fileTreeUse(specification.directory.outputs, maxEntries: limits.outputEntries)
        if use.incomplete {
            return .exceeded(
                .fileTooLarge,
                "The outputs are more than \(limits.outputEntries) files or 32 levels deep."
            )
        }
        guard use.bytes > limits.outputs else { return nil }
        return .exceeded(.fileTooLarge, "The outputs take \(use.bytes) bytes; \(limits.outputs) are allowed.")
    }
}
