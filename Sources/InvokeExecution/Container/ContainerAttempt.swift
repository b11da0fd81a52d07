import Glibc
import InvokeModel
import Synchronization

/// One attempt in its container, from the first call to the engine to the outcome.
final class ContainerAttempt: Sendable {
    let name: String
    let specification: AttemptSpecification
    let settings: ContainerSettings
    let engine: ContainerEngine
    let images: ContainerImages
    let about: EngineAbout
    private let begun = ContinuousClock.now
    let state = Mutex(State())
    /// Gets why the program has to be ended; the first reason counts.
    private let verdicts: AsyncStream<Outcome>
    private let judging: AsyncStream<Outcome>.Continuation

    struct State {
        var verdict: Outcome?
        /// When its program began to run, by the agent's own clock.
        var started: ContinuousClock.Instant?
        /// Whether the container has been seen: it is not made a second time.
        var isMade = false
        var isPlaced = false
    }

    /// How often the outputs are looked at, and how soon an engine that is away is asked again.
    static let interval = Duration.seconds(1)

    init(
        _ specification: AttemptSpecification,
        name: String,
        engine: ContainerEngine,
        images: ContainerImages,
        about: EngineAbout,
        settings: ContainerSettings
    ) {
        self.specification = specification
        self.settings = settings
        self.engine = engine
        self.images = images
        self.about = about
        self.name = name
        (verdicts, judging) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Has the program ended, politely at first.
    func stop() { judge(.stopped) }

    /// Runs the program; it is not running any more when there is an outcome.
    func run() async -> Outcome {
        do {
            try prepare()
        } catch {
            return .unavailable("The attempt's folder can't be filled: \(error).")
        }
        return await follow()
    }

    /// Follows a program to its end that an earlier run of the agent has started.
    func resume() async -> Outcome {
        state.withLock { $0.isMade = true }
        return await follow()
    }

    private func follow() async -> Outcome {
        await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await self.listen() }
            group.addTask { await self.carryOut() }
            group.addTask { await self.keepTime() }
            group.addTask { await self.keepOutputsSmall() }
            defer { group.cancelAll() }
            for await case .some(let outcome) in group { return outcome }
            return .lost
        }
    }

    private func prepare() throws {
        // What is there was written for a start that the engine was not there to be asked for.
        guard access(specification.directory.inputsDocument, F_OK) != 0 else { return }
        try AttemptFiles(view: view, user: UnprivilegedUser.draw()).write()
    }

    var view: ProgramView { ProgramView(attempt: specification, paths: .sandboxed) }

    func judge(_ verdict: Outcome) {
        let isFirst = state.withLock { state in
            defer { state.verdict = state.verdict ?? verdict }
            return state.verdict == nil
        }
        if isFirst { judging.yield(verdict) }
    }

    var verdict: Outcome? { state.withLock { $0.verdict } }
}

/// What goes on beside the program.
extension ContainerAttempt {
    /// Ends the program once there is a verdict; again and again, because it may be about to start.
    private func carryOut() async -> Outcome? {
        for await _ in verdicts {
            while !Task.isCancelled {
                do {
                    try await engine.stop(name, grace: settings.killGrace)
                } catch {
                    // An engine that is away, or has no such container yet, is asked again.
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
        return nil
    }

    private func keepTime() async -> Outcome? {
        while !Task.isCancelled {
            let left = deadline - .now
            if left <= .zero { judge(.timedOut) }
            // The time of the program itself begins only when it has started.
            try? await Task.sleep(for: left > .zero ? min(left, Self.interval) : Self.interval)
        }
        return nil
    }

    private var deadline: ContinuousClock.Instant {
        let last = begun + specification.remaining
        guard let timeout = specification.program.timeout, let started = state.withLock({ $0.started }) else {
            return last
        }
        return min(last, started + timeout)
    }

    private func keepOutputsSmall() async -> Outcome? {
        while !Task.isCancelled {
            if let excess = settings.limits.excess(in: specification.directory) { judge(excess) }
            try? await Task.sleep(for: Self.interval)
        }
        return nil
    }
}
