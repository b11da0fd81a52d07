import Glibc
import InvokeModel
import Synchronization

/// One attempt from its start to its end, on a thread of its own.
///
/// The program's life hangs on the thread that started it (promise X5), so that thread also follows it to its end.
final class ProcessAttempt: Sendable {
    private let specification: AttemptSpecification
    private let launcher: Launcher
    private let killGrace: Duration
    private let state = Mutex(State())

    private struct State {
        var isStopped = false
        /// Tells the thread to look at the above.
        var alarm: Descriptor?
        var outcome: Outcome?
        var waiting: [CheckedContinuation<Outcome, Never>] = []
    }

    init(
        _ specification: AttemptSpecification,
        sandbox: Sandbox,
        tools: ProcessTools,
        limits: ExecutionLimits,
        killGrace: Duration
    ) {
        var limits = limits
        if specification.directory.isInMemory { limits.outputs = min(limits.outputs, limits.scratch) }
        self.specification = specification
        self.killGrace = killGrace
        launcher = Launcher(
            sandbox: sandbox,
            tools: tools,
            limits: limits,
            view: ProgramView(attempt: specification, paths: ProgramPaths(sandbox, in: specification.directory)),
            user: UnprivilegedUser.draw()
        )
    }

    /// Runs the program; nothing of it is left when there is an outcome.
    func begin(on threads: AttemptThreads) {
        do {
            try threads.run { self.conclude(self.run()) }
        } catch {
            conclude(.unavailable("The attempt can't be started: \(error)."))
        }
    }

    /// Has the program ended, politely at first.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.alarm?.setOff()
        }
    }

    /// Waits for the end; a task that is cancelled meanwhile goes on waiting.
    var outcome: Outcome {
        get async {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil { state.waiting.append(continuation) }
                    return state.outcome
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        }
    }

    func conclude(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            state.outcome = outcome
            state.alarm = nil
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
    }

    private func run() -> Outcome {
        do {
            let alarm = try Descriptor.alarm()
            try AttemptFiles(view: launcher.view, user: launcher.user).write()
            let isStopped = state.withLock { state in
                state.alarm = alarm
                return state.isStopped
            }
            guard !isStopped else { return .stopped }
            let watch = ProgramWatch(
                try launcher.start(),
                of: specification,
                limits: launcher.limits,
                grace: killGrace,
                alarm: alarm
            )
            return watch.follow()
        } catch let fault as StartFault where fault.isOfProgram && launcher.sandbox == .none {
            specification.listener.logged(Array("\(fault)\n".utf8), from: .errors)
            return .exited(code: fault.exitCode)
        } catch {
            return .unavailable("The program can't be started: \(error).")
        }
    }
}
