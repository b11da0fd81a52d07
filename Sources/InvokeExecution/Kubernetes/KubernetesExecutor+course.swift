import InvokeModel
import Logging

/// What becomes of attempts between their start and their end.
extension KubernetesExecutor {
    /// Asks for what the cluster does not have yet of an attempt.
    func submit(_ attempt: KubernetesAttempt) async throws(KubernetesFault) {
        guard let image = attempt.image else {
            let text = "The operation names no image, and the agent has no default one (engines.kubernetes.image)."
            throw .refused(status: 422, reason: "Invalid", message: text)
        }
        guard let url = try? await settings.agentURL() else { throw .away("The agent does not listen yet.") }
        let job = KubernetesJob(attempt: attempt.specification, settings: settings, image: image, url: url)
        if attempt.submission == .underway || attempt.submission == .due {
            attempt.submission = .secretDue(job: try await cluster.make(job))
            attempt.tell("Job \(settings.name(of: attempt.specification.name)) made")
        }
        guard case .secretDue(let uid) = attempt.submission, let token = attempt.transfer.token else { return }
        try await cluster.make(job.secret(token: token, ownedBy: uid))
        attempt.submission = .made
    }

    /// Ends an attempt for a reason of the agent's; the first one counts.
    func end(_ attempt: KubernetesAttempt, _ verdict: Outcome) async {
        guard attempt.outcome == nil, attempt.verdict == nil else { return }
        attempt.verdict = verdict
        attempt.isCancelDue = true
        await cancelIfDue(attempt)
    }

    private func cancelIfDue(_ attempt: KubernetesAttempt) async {
        guard attempt.isCancelDue, attempt.submission != .underway else { return }
        attempt.isCancelDue = false
        // Whatever may still be started of it gets no files.
        attempt.transfer.close()
        do {
            let pods = try await cluster.remove(settings.name(of: attempt.specification.name))
            if pods == 0 { await settle(attempt) }
        } catch {
            attempt.isCancelDue = true
        }
    }

    /// Does what is due for an attempt: at every beat.
    func keepTime(of attempt: KubernetesAttempt) async {
        guard attempt.outcome == nil, attempt.submission != .underway else { return }
        let now = ContinuousClock.now
        if now >= attempt.deadline { await end(attempt, .timedOut) }
        if let end = attempt.hopelessness(at: now) { await self.end(attempt, end) }
        if attempt.verdict == nil, attempt.submission != .made { await submitAgain(attempt) }
        await cancelIfDue(attempt)
        await measure(attempt, at: now)
    }

    private func submitAgain(_ attempt: KubernetesAttempt) async {
        do {
            try await submit(attempt)
        } catch {
            if error.isFinal { await end(attempt, .refused("The cluster refuses the Job: \(error.text)")) }
            attempt.tell("the cluster has not taken it yet: \(error.text)")
        }
    }

    /// Looks from time to time whether a pod that no node takes would fit any node at all.
    private func measure(_ attempt: KubernetesAttempt, at now: ContinuousClock.Instant) async {
        guard attempt.verdict == nil, let reason = attempt.pod?.unschedulable,
            attempt.sized.map({ now - $0 > .seconds(60) }) ?? true
        else { return }
        attempt.sized = now
        let resources = attempt.specification.program.resources
        guard let nodes = try? await cluster.nodes(), !nodes.isEmpty, !nodes.contains(where: { $0.fits(resources) })
        else {
            return
        }
        let demand = KubernetesJob.demand(of: resources)
        await end(attempt, .refused("No node of the cluster is large enough for \(demand): \(reason)"))
    }

    /// Lists the pods and then hears of each change, for a while.
    func watch() async {
        do {
            let (pods, version) = try await cluster.pods()
            try await take(all: pods)
            try await cluster.changes(ofPodsSince: version, pass: take)
        } catch {
            guard !Task.isCancelled else { return }
            let text = (error as? KubernetesFault)?.text ?? "\(error)"
            if case KubernetesFault.refused(410, _, _) = error { return }
            settings.logger.warning("the cluster can't be watched; its pods go on", metadata: ["reason": "\(text)"])
            try? await Task.sleep(for: settings.interval)
        }
    }

    /// Attempts whose pod is gone have ended, and those without one whose Job is gone, or has failed.
    private func take(all pods: [PodState]) async throws {
        for pod in pods { await take(pod, .changed) }
        let submitted = running.filter { ($0.submission == .made || $0.verdict != nil) && !$0.isCancelDue }
        let there = Set(pods.map(\.name))
        for attempt in submitted {
            if let pod = attempt.pod, !there.contains(pod.name) { await settle(attempt) }
        }
        let podless = submitted.filter { $0.pod == nil }
        guard !podless.isEmpty else { return }
        let open = Set(try await cluster.jobs().filter { !$0.hasFailed }.map(\.attempt))
        for attempt in podless where attempt.pod == nil && !open.contains(attempt.specification.name) {
            await settle(attempt)
        }
    }

    private func take(_ pod: PodState, _ change: PodChange) async {
        guard let name = pod.attempt, let attempt = attempts[ExecutionHandle(settings.name(of: name))],
            attempt.outcome == nil
        else { return }
        attempt.take(pod, at: .now)
        guard attempt.pod?.name == pod.name else { return }
        if pod.hasStarted, attempt.hearing == nil {
            let handle = ExecutionHandle(settings.name(of: name))
            attempt.hearing = Task { [voice = attempt.voice, cluster] in
                await cluster.hear(pod.name, into: voice) { self.hasProgramEnded(handle) }
            }
        }
        if pod.hasEnded || change == .removed { await settle(attempt) }
    }

    private func hasProgramEnded(_ handle: ExecutionHandle) -> Bool {
        guard let pod = attempts[handle]?.pod, case .terminated = pod[KubernetesJob.program] else {
            return attempts[handle]?.outcome != nil
        }
        return true
    }

    /// Tells the end of an attempt of which nothing runs any more.
    private func settle(_ attempt: KubernetesAttempt) async {
        guard attempt.outcome == nil, !attempt.isSettling else { return }
        attempt.isSettling = true
        // What was said last is on its way still; what is not heard comes with the files.
        if let hearing = attempt.hearing, attempt.transfer.exitStatus == nil {
            let limit = Task {
                try? await Task.sleep(for: .seconds(5))
                hearing.cancel()
            }
            await hearing.value
            limit.cancel()
        }
        attempt.conclude(attempt.outcomeOfEnd())
        if attempt.verdict == nil, attempt.outcome == .lost {
            // Whatever the cluster may start in its stead is not wanted.
            attempt.transfer.close()
            _ = try? await cluster.remove(settings.name(of: attempt.specification.name))
        }
    }
}
