import InvokeModel
import Logging

/// What is done at every beat, for however many attempts.
extension SlurmExecutor {
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
            return
        }
        // Nothing else may tell that it is gone: of tasks that never started the controller keeps no record.
        if job.isWaiting, let verdict = attempt.verdict, (try? attempt.place.claim()) == true {
            attempt.conclude(verdict)
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

    /// What the controller knows of this agent's attempts; under nil what nobody knows the attempts of any more.
    ///
    /// Those who ask while it is being asked share the next question, however many they are.
    func jobs() async throws -> [AttemptName?: [SlurmJob]] {
        if let question { return try await question.value }
        let next = Task {
            await questions.enter()
            defer { questions.leave() }
            question = nil
            return try await readJobs()
        }
        question = next
        return try await next.value
    }

    private func readJobs() async throws -> [AttemptName?: [SlurmJob]] {
        var jobs: [AttemptName?: [SlurmJob]] = [:]
        for (name, told) in Dictionary(grouping: try await controller.jobs(), by: \.name) {
            if let attempt = settings.attempt(ofJobNamed: name) {
                jobs[attempt] = told
            } else if let array = settings.array(ofJobNamed: name) {
                let tasks = arrays.tasks(of: array)
                for job in told { jobs[job.id.task.flatMap { tasks[$0] }, default: []].append(job) }
            }
        }
        return jobs
    }

    /// Asks the controller for all jobs, once, and does for each attempt what follows.
    func ask() async {
        let asked = ContinuousClock.now
        let jobs: [AttemptName?: [SlurmJob]]
        do {
            jobs = try await self.jobs()
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
            if let verdict = attempt.verdict { attempt.conclude(verdict) } else { submitAgain(attempt) }
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
}
