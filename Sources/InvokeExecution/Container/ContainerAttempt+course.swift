import FoundationEssentials
import Glibc
import InvokeModel
import Synchronization

/// The program's own way.
extension ContainerAttempt {
    /// Refusals after one another until an engine is believed.
    private static let patience = 10

    /// Hears the program to its end; whenever the engine goes away, everything is heard again when it is back.
    func listen() async -> Outcome? {
        let log = ContainerLog(of: specification, settings.limits)
        var refusals = 0
        while !Task.isCancelled {
            do {
                if let outcome = try await beginOnce() { return outcome }
                if let outcome = try await end(log) {
                    log.finish()
                    return settle(outcome, log)
                }
                refusals = 0
            } catch is EngineUnavailable {
                // It is asked again below, however long it is away.
            } catch {
                // An engine that is being stopped, or that has too much to do, refuses now and not a while later.
                refusals += 1
                guard refusals < Self.patience else {
                    try? await engine.remove(name)
                    return .unavailable("\(about.version) refuses to go on with the container '\(name)': \(error).")
                }
            }
            try? await Task.sleep(for: Self.interval)
        }
        return nil
    }

    /// Makes and starts the container unless it has been.
    /// - Returns: how the attempt has ended without a program; nil when there is one.
    private func beginOnce() async throws -> Outcome? {
        var found = try await engine.container(name)
        if found == nil {
            if let verdict { return verdict }
            guard !state.withLock({ $0.isMade }) else { return .lost }
            if let outcome = try await create() { return outcome }
            found = try await engine.container(name)
        }
        guard let found else { return .lost }
        state.withLock { $0.isMade = true }
        guard found.belongs(to: settings.agent) else {
            return .unavailable("\(about.version) has a container '\(name)' that is not this agent's; remove it.")
        }
        if found.isUnstarted {
            if let verdict { return verdict }
            do {
                try await engine.start(name)
            } catch let refusal as EngineRefusal {
                return failure(of: refusal)
            }
        }
        let age = found.startedAt.map { max(0, Date().timeIntervalSince($0)) } ?? 0
        let isNew = state.withLock { state in
            state.started = state.started ?? .now - .seconds(age)
            defer { state.isPlaced = true }
            return !state.isPlaced
        }
        if isNew { specification.listener.placed("container \(name) of \(about.version)") }
        return nil
    }

    private func create() async throws -> Outcome? {
        guard let image else {
            return .refused("The operation names no image, and this agent has no default image for containers.")
        }
        guard let user else { return .unavailable("The outputs' folder of the attempt is gone.") }
        let reference: String
        do {
            reference = try await images.reference(of: image)
        } catch let fault as ImageFault {
            return .refused("\(fault)")
        }
        let definition = ContainerDefinition(view: view, settings: settings, image: reference, user: user).document
        do {
            try await engine.create(name, definition)
        } catch let refusal as EngineRefusal where refusal.status == 404 {
            // One that was a file has just been removed: it is brought in once more.
            guard reference == image else { throw refusal }
            guard settings.pulls else {
                return .refused(
                    "\(about.version) has no image '\(image)', and the agent may not pull it: pull or load it there by hand."
                )
            }
            do {
                try await engine.pull(image)
                try await engine.create(name, definition)
            } catch let refusal as EngineRefusal {
                return .unavailable("The image '\(image)' can't be pulled: \(refusal).")
            }
        } catch let refusal as EngineRefusal {
            // A lost answer to an earlier call may have hidden that it is there.
            guard try await engine.container(name) == nil else { return nil }
            return .unavailable("\(about.version) refuses to make the container: \(refusal).")
        }
        return nil
    }

    private var image: String? { specification.program.image ?? settings.image }

    /// Who owns the outputs' folder also runs the program; in a rootless engine that is its root.
    private var user: String? {
        var status = stat()
        guard stat(specification.directory.outputs, &status) == 0 else { return nil }
        return about.isRootless ? "0:0" : "\(status.st_uid):\(status.st_gid)"
    }

    /// Follows the program to its end.
    /// - Returns: nil when it has not ended.
    private func end(_ log: ContainerLog) async throws -> Outcome? {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.hear(log, follows: true)
                return false
            }
            group.addTask {
                try await self.engine.wait(for: self.name)
                return true
            }
            while let hasEnded = try await group.next(), !hasEnded {}
            group.cancelAll()
        }
        // podman may stop following before the last words, or go on after them: only now all of them are sure to come.
        try await hear(log, follows: false)
        guard let ended = try await engine.container(name) else { return .lost }
        guard !ended.isRunning, !ended.isUnstarted else { return nil }
        if ended.wantedMemory {
            return .exceeded(.operationFailed, "The program needed more than its \(memory) of memory.")
        }
        return Outcome(status: Int32(ended.exitCode) << 8, behindSandbox: true)
    }

    /// Hears the program from its beginning.
    private func hear(_ log: ContainerLog, follows: Bool) async throws {
        log.beginReading()
        try await engine.listen("/containers/\(name)/logs?stdout=1&stderr=1&follow=\(follows ? 1 : 0)") { piece in
            log.take(piece)
            let limit = settings.limits.outputs
            if log.count > limit { judge(.exceeded(.fileTooLarge, "The program has said more than \(limit) bytes.")) }
        }
    }

    /// The last word, once all is heard.
    private func settle(_ outcome: Outcome, _ log: ContainerLog) -> Outcome {
        if let verdict { return verdict }
        if log.isLost { return .unavailable("The program's output could not be kept.") }
        if let excess = settings.limits.excess(in: specification.directory) { return excess }
        if let fault = InitFault(log.tail), outcome == .exited(code: 1) { return failure(isMissing: fault.isMissing) }
        if outcome == .signalled(Int(SIGKILL)) {
            say("The program was killed; perhaps it needed more than its \(memory) of memory.")
        }
        return outcome
    }

    private var memory: String { "\(specification.program.resources.memory >> 20) MiB" }

    /// What a refused start says: the program's file is the operation's own matter, all else is not.
    private func failure(of refusal: EngineRefusal) -> Outcome {
        let message = refusal.message.lowercased()
        if message.contains("executable file not found")
            || message.contains("exec: ") && message.contains("no such file")
        {
            return failure(isMissing: true)
        }
        if message.contains("exec: "), message.contains("permission denied") { return failure(isMissing: false) }
        return .unavailable("\(about.version) can't start the container: \(refusal).")
    }

    private func failure(isMissing: Bool) -> Outcome {
        if view.needsShell {
            return .refused(
                "The image '\(image ?? "")' has no /bin/sh, which an operation with a required input and a script need."
            )
        }
        let program = specification.program.command.first ?? ""
        say("can't execute \(program): " + (isMissing ? "there is no such file in the image" : "permission denied"))
        return .exited(code: isMissing ? 127 : 126)
    }

    private func say(_ text: String) { specification.listener.logged(Array("\(text)\n".utf8), from: .errors) }
}
