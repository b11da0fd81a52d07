import InvokeModel
import Logging

/// What is done at every beat, for however many attempts.
extension SlurmExecutor {
    /// - Throws: `SlurmFault.away`: the controller has taken nothing.
    func submit(_ attempt: SlurmAttempt) async throws {
        attempt.submission = .underway
        do {
            let job = try await controller.submit(attempt.request)
            attempt.submission = .made
            attempt.since = .now
            attempt.tell("job \(job) submitted")
        } catch SlurmFault.refused(let text) {
            attempt.conclude(.refused(text))
        } catch SlurmFault.unanswered(let text) {
            attempt.submission = .unanswered
            attempt.since = .now
            attempt.tell("not known whether the job was taken: \(text)")
        }
    }

    /// Ends an attempt for a reason of the agent's; the first one counts.
    func end(_ attempt: SlurmAttempt, _ verdict: Outcome) async {
        guard attempt.outcome == nil, attempt.verdict == nil else { return }
        attempt.verdict = verdict
        attempt.isCancelDue = true
        await cancelIfDue(attempt)
    }

    private func cancelIfDue(_ attempt: SlurmAttempt) async {
        guard attempt.isCancelDue, let job = attempt.job, !job.hasEnded else { return }
        attempt.isCancelDue = false
        do {
            try await controller.cancel(job.id)
        } catch {
            attempt.isCancelDue = true
        }
    }

    /// Reads what an attempt's folder tells.
    func look(at attempt: SlurmAttempt) async {
        let now = ContinuousClock.now
        attempt.noteStart(at: now)
        // Before what was said, so that nothing is missed of what was said before it.
        let status = attempt.place.exitStatus
        attempt.follow()
        if let status {
            // What killed it may have been the cluster, which says so when the job is over.
            let isSettled = status != 128 + 9 || attempt.verdict != nil || attempt.isGone(for: .zero, at: now)
            if isSettled { attempt.conclude(attempt.outcome(ofStatus: status)) }
        } else if attempt.isGone(for: settings.settling, at: now) {
            attempt.conclude(attempt.outcomeWithoutStatus)
        } else if now >= attempt.deadline {
            await end(attempt, .timedOut)
        } else if let excess = attempt.excess(at: now) {
            await end(attempt, excess)
        }
    }

    /// Asks the controller for all jobs, once, and does for each attempt what follows.
    func ask() async {
        let asked = ContinuousClock.now
        let jobs: [AttemptName: [SlurmJob]]
        do {
            let named = try await controller.jobs().compactMap { job in
                settings.attempt(ofJobNamed: job.name).map { ($0, job) }
            }
            jobs = Dictionary(grouping: named) { $0.0 }.mapValues { $0.map(\.1) }
        } catch {
            let text = (error as? SlurmFault)?.text ?? "\(error)"
            settings.logger.warning("Slurm can't be asked; its jobs go on", metadata: ["reason": "\(text)"])
            for attempt in attempts.values where attempt.outcome == nil {
                attempt.tell("the cluster can't be asked, its jobs go on: \(text)")
            }
            return
        }
        for attempt in attempts.values where attempt.outcome == nil && attempt.since <= asked {
            await take(jobs[attempt.specification.name] ?? [], for: attempt)
        }
    }

    private func take(_ jobs: [SlurmJob], for attempt: SlurmAttempt) async {
        let now = ContinuousClock.now
        switch attempt.submission {
        case .underway: return
        case .unanswered where jobs.isEmpty:
            if let verdict = attempt.verdict { attempt.conclude(verdict) } else { await submitAgain(attempt) }
            return
        case .unanswered, .made:
            attempt.submission = .made
            attempt.take(jobs, at: now)
        }
        if attempt.isHopeless(at: now) {
            let text = "The cluster will never run a job of \(attempt.request.demand): \(attempt.job?.reason ?? "")."
            await end(attempt, .refused(text))
        }
        await cancelIfDue(attempt)
        // A job that ended before its program began needs no time to settle.
        if attempt.isGone(for: .zero, at: now), (try? attempt.place.claim()) == true {
            attempt.conclude(attempt.outcomeWithoutStart)
        }
    }

    private func submitAgain(_ attempt: SlurmAttempt) async {
        do {
            try await submit(attempt)
        } catch {
            attempt.submission = .unanswered
            attempt.since = .now
        }
    }
}
