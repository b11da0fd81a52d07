import Glibc
package import InvokeModel
package import Logging
import Synchronization

/// Runs attempts in containers of an engine on this machine, by Docker's API: of podman or of Docker.
package final class ContainerExecutor: DurableExecutor {
    private let settings: ContainerSettings
    private let engine: ContainerEngine
    private let images: ContainerImages
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var attempts: [ExecutionHandle: Entry] = [:]
        var about: Task<EngineAbout, any Error>?
    }

    /// An attempt, and the task that follows it to its end.
    private struct Entry {
        let attempt: ContainerAttempt
        let ending: Task<Outcome, Never>
    }

    package init(_ settings: ContainerSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        engine = ContainerEngine(socket: settings.socket)
        images = ContainerImages(folder: settings.images, engine: engine)
    }

    package var folder: String { settings.folder }

    /// Returns at once; what keeps the program from starting is told by `wait` as `.unavailable`.
    package func start(_ attempt: AttemptSpecification) async throws -> ExecutionHandle {
        let about = try await about()
        do {
            try await engine.greet()
        } catch let refusal as EngineRefusal {
            throw EngineUnavailable("\(about.version) at '\(settings.socket)' takes nothing: \(refusal).")
        }
        begin(attempt, about) { await $0.run() }
        return handle(attempt.name)
    }

    /// Waits for the program's end; cancelling the wait does not end the program: `stop` does.
    ///
    /// - Returns: `.lost` for a handle that neither `start` nor `resume` has given.
    package func wait(for handle: ExecutionHandle) async -> Outcome {
        guard let entry = state.withLock({ $0.attempts[handle] }) else { return .lost }
        return await entry.ending.value
    }

    package func stop(_ handle: ExecutionHandle) async { state.withLock { $0.attempts[handle] }?.attempt.stop() }

    package func condition() async -> EngineCondition {
        do {
            return try await engine.about().condition
        } catch {
            return EngineCondition(fault: "\(error)")
        }
    }

    package func resume(_ attempt: AttemptSpecification) async throws -> ExecutionHandle? {
        let handle = handle(attempt.name)
        guard state.withLock({ $0.attempts[handle] }) == nil else { return handle }
        let (found, about) = try await patiently {
            (try await self.engine.container(handle.description), try await self.about())
        }
        guard let found, found.belongs(to: settings.agent) else { return nil }
        guard !found.isUnstarted else {
            try await patiently { try await self.engine.remove(handle.description) }
            return nil
        }
        // All of it is told, and kept, again.
        for path in [attempt.directory.stdout, attempt.directory.stdoutDropped] { unlink(path) }
        begin(attempt, about) { await $0.resume() }
        return handle
    }

    package func forget(_ handle: ExecutionHandle) async {
        state.withLock { $0.attempts[handle] = nil }
        do {
            try await engine.remove(handle.description)
        } catch {
            // What is left is swept as a leftover at the agent's next start.
            logger.warning("container not removed", metadata: ["container": "\(handle)", "error": "\(error)"])
        }
    }

    package func endLeftovers(except attempts: Set<AttemptName>) async {
        do {
            let label = "\(ContainerLabel.agent)=\(settings.agent)"
            let found = try await patiently { try await self.engine.labels(ofContainersWith: label) }
            for container in found {
                guard let name = container.labels[ContainerLabel.attempt]?.string.flatMap({ AttemptName($0) }),
                    !attempts.contains(name), state.withLock({ $0.attempts[handle(name)] }) == nil
                else { continue }
                logger.notice("leftover container ended", metadata: ["container": "\(handle(name))"])
                try await patiently {
                    try await self.engine.stop(container.id, grace: self.settings.killGrace)
                    try await self.engine.remove(container.id)
                }
            }
        } catch {
            logger.error("leftover containers not ended", metadata: ["error": "\(error)"])
        }
    }

    /// The handle is the container's name; the agent's part keeps two agents on one engine apart.
    private func handle(_ attempt: AttemptName) -> ExecutionHandle {
        ExecutionHandle(
            "invoke-\(settings.agent.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.suffix(12))-\(attempt)"
        )
    }

    /// Unless it has begun.
    private func begin(
        _ specification: AttemptSpecification,
        _ about: EngineAbout,
        _ course: @escaping @Sendable (ContainerAttempt) async -> Outcome
    ) {
        let handle = handle(specification.name)
        state.withLock { state in
            guard state.attempts[handle] == nil else { return }
            let attempt = ContainerAttempt(
                specification,
                name: handle.description,
                engine: engine,
                images: images,
                about: about,
                settings: settings
            )
            state.attempts[handle] = Entry(attempt: attempt, ending: Task { await course(attempt) })
        }
    }

    /// What the engine is; it is asked once for all, because it takes podman a while to tell.
    private func about() async throws -> EngineAbout {
        let asked = state.withLock { state in
            let task = state.about ?? Task { [engine] in try await engine.about() }
            state.about = task
            return task
        }
        do {
            return try await asked.value
        } catch {
            state.withLock { if $0.about == asked { $0.about = nil } }
            throw error
        }
    }

    /// Asks as long as the engine is away, or can't answer.
    private func patiently<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch  where error is EngineUnavailable || (error as? EngineRefusal)?.isPassing == true {
                try await Task.sleep(for: ContainerAttempt.interval)
            }
        }
    }
}
