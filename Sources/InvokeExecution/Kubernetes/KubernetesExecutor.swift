package import InvokeModel
import Logging

/// Runs attempts as Jobs of a Kubernetes cluster, which shares no folder with the agent: pods fetch an attempt's files from
/// the agent and bring back what the program has made.
///
/// An attempt is its Job's name: it is made once, found again by any later run of the agent, and its end is what came back.
/// The cluster may be away at any time; nothing that runs minds.
package actor KubernetesExecutor: DurableExecutor {
    package nonisolated let folder: String
    let settings: KubernetesSettings
    let cluster: KubernetesCluster
    private nonisolated let queue = SerialQueue(label: "invoke.kubernetes")

    var attempts: [ExecutionHandle: KubernetesAttempt] = [:]
    /// What follows the attempts as long as there are any that have not ended.
    private var following: [Task<Void, Never>] = []

    package init(_ settings: KubernetesSettings) {
        self.settings = settings
        folder = settings.folder
        cluster = KubernetesCluster(settings)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    private func handle(_ attempt: AttemptName) -> ExecutionHandle { ExecutionHandle(settings.name(of: attempt)) }

    /// Makes the Job; what the cluster will never run is told by `wait` as `.refused`.
    /// - Throws: `EngineUnavailable` when the cluster can't be asked, or takes nothing now.
    package func start(_ specification: AttemptSpecification) async throws -> ExecutionHandle {
        let handle = handle(specification.name)
        guard attempts[handle] == nil else { return handle }
        let attempt = KubernetesAttempt(specification, settings)
        attempts[handle] = attempt
        do {
            try attempt.prepare()
        } catch {
            attempt.conclude(.unavailable("The attempt can't be prepared: \(error)."))
            return handle
        }
        do {
            try await submit(attempt)
        } catch  where error.isFinal {
            attempt.conclude(.refused("The cluster refuses the Job: \(error.text)"))
        } catch {
            guard attempt.submission != .underway || error.isUnanswered else {
                attempts[handle] = nil
                attempt.conclude(.lost)
                throw EngineUnavailable(error.text)
            }
            // It is asked again, which changes nothing where it was taken.
            if attempt.submission == .underway { attempt.submission = .due }
            attempt.tell("not known whether the cluster has taken it: \(error.text)")
        }
        follow()
        return handle
    }

    /// Waits for the end that what came back, or the cluster, tells of.
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
        let handle = handle(specification.name)
        guard attempts[handle] == nil else { return handle }
        let attempt = KubernetesAttempt(specification, settings)
        guard attempt.transfer.token != nil else { return nil }
        let job = try await insist { try await self.cluster.job(handle.description) }
        guard job != nil || attempt.transfer.exitStatus != nil else {
            // Whoever asked for it may be about to be heard: this keeps the program from being run then.
            attempt.transfer.close()
            return nil
        }
        guard attempts[handle] == nil else { return handle }
        attempt.restart()
        attempts[handle] = attempt
        if let job { attempt.submission = .secretDue(job: job) } else { attempt.conclude(attempt.outcomeOfEnd()) }
        follow()
        return handle
    }

    package func forget(_ handle: ExecutionHandle) async {
        guard let attempt = attempts.removeValue(forKey: handle) else { return }
        attempt.transfer.close()
        attempt.conclude(.lost)
        do {
            try await cluster.remove(handle.description)
        } catch {
            // What is left is removed by the cluster itself a day later.
            settings.logger.warning("Job not removed", metadata: ["job": "\(handle)", "reason": "\(error.text)"])
        }
    }

    package func endLeftovers(except kept: Set<AttemptName>) async {
        _ = try? await insist {
            for (name, attempt, _) in try await self.cluster.jobs() where !kept.contains(attempt) {
                guard self.attempts[self.handle(attempt)] == nil else { continue }
                self.settings.logger.notice("leftover Job ended", metadata: ["job": "\(name)"])
                JobDirectory(root: self.folder, job: attempt.job, attempt: attempt.number).closeTransfer(
                    self.settings.limits
                )
                try await self.cluster.remove(name)
            }
        }
    }

    package func condition() async -> EngineCondition { await cluster.condition() }

    /// Asks until there is an answer.
    /// - Throws: `CancellationError` when nobody waits for it any more.
    private func insist<Answer: Sendable>(_ question: () async throws -> Answer) async throws -> Answer {
        while true {
            do { return try await question() } catch let fault as KubernetesFault {
                settings.logger.warning("the cluster can't be asked", metadata: ["reason": "\(fault.text)"])
            }
            try await Task.sleep(for: settings.interval)
        }
    }

    private func follow() {
        guard following.isEmpty, !running.isEmpty else { return }
        following = [
            Task {
                while !running.isEmpty {
                    for attempt in running { await keepTime(of: attempt) }
                    try? await Task.sleep(for: pause)
                }
                for task in following.dropFirst() { task.cancel() }
                following = []
                // One may have been started since.
                follow()
            },
            Task { while !Task.isCancelled { await watch() } },
        ]
    }

    var running: [KubernetesAttempt] { attempts.values.filter { $0.outcome == nil } }

    /// Until the next look, which is not later than the next deadline.
    private var pause: Duration {
        let deadline = running.lazy.filter { $0.verdict == nil }.map(\.deadline).min() ?? .now + settings.interval
        return min(settings.interval, max(.milliseconds(10), ContinuousClock.now.duration(to: deadline)))
    }
}

extension JobDirectory {
    fileprivate func closeTransfer(_ limits: ExecutionLimits) {
        AttemptTransfer(directory: self, limits: limits).close()
    }
}
