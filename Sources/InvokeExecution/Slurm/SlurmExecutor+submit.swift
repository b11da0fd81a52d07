import InvokeModel

/// How attempts are given to the cluster: as few times as the pace of its controller allows.
extension SlurmExecutor {
    /// An attempt that waits until the submission is answered that is under way, and who wants to know its job.
    struct Candidate {
        let attempt: SlurmAttempt
        let answer: CheckedContinuation<SlurmJobNumber, any Error>
    }

    /// - Throws: `SlurmFault.away`: the controller has taken nothing.
    func submit(_ attempt: SlurmAttempt) async throws {
        attempt.submission = .underway
        do {
            let job = try await job(for: attempt)
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

    /// Submits what an answer was lost of; nobody waits for it, so that what was lost together goes together again.
    func submitAgain(_ attempt: SlurmAttempt) {
        attempt.submission = .underway
        Task {
            do {
                try await submit(attempt)
            } catch {
                attempt.submission = .unanswered
                attempt.since = .now
            }
        }
    }

    /// The first one goes at once; those of equal demand that come until it is answered go together, unless each has a
    /// script of its own, with its token.
    private func job(for attempt: SlurmAttempt) async throws -> SlurmJobNumber {
        guard attempt.place.transfer == nil else { return SlurmJobNumber(try await controller.submit(attempt.request)) }
        let demand = attempt.request.demand
        guard candidates[demand] == nil else {
            return try await withCheckedThrowingContinuation { answer in
                candidates[demand]?.append(Candidate(attempt: attempt, answer: answer))
            }
        }
        candidates[demand] = []
        defer { Task { while let some = nextCandidates(demand) { await submit(some, demand) } } }
        return SlurmJobNumber(try await controller.submit(attempt.request))
    }

    /// nil when there are none, and the next one to come goes at once.
    private func nextCandidates(_ demand: SlurmDemand) -> [Candidate]? {
        guard let waiting = candidates[demand], !waiting.isEmpty else {
            candidates[demand] = nil
            return nil
        }
        candidates[demand] = Array(waiting.dropFirst(longestArray))
        return Array(waiting.prefix(longestArray))
    }

    private func submit(_ some: [Candidate], _ demand: SlurmDemand) async {
        guard some.count > 1 else {
            await submitEach(of: some)
            return
        }
        do {
            let job = try await submitArray(of: some.map(\.attempt), demand)
            for (task, one) in some.enumerated() { one.answer.resume(returning: SlurmJobNumber(job, task: task)) }
        } catch SlurmFault.unanswered(let text) {
            for one in some { one.answer.resume(throwing: SlurmFault.unanswered(text)) }
        } catch {
            // Perhaps only for its size, or because it is one: what they are told by themselves counts.
            let areTaken = await submitEach(of: some)
            if areTaken, case SlurmFault.refused = error { longestArray = some.count / 2 }
        }
    }

    /// - Throws: `SlurmFault`; `SystemFault`.
    private func submitArray(of attempts: [SlurmAttempt], _ demand: SlurmDemand) async throws -> Int {
        let name = try arrays.make(of: attempts.map(\.specification.name))
        let request = SlurmRequest(array: name, of: attempts, demand: demand, settings: settings)
        try writeFile(request.scriptPath, request.script.utf8, mode: 0o600)
        do {
            return try await controller.submit(request)
        } catch {
            // One that may have been taken has to be known again.
            if case SlurmFault.unanswered = error { throw error }
            arrays.remove(name)
            throw error
        }
    }

    /// One after the other, until one is not taken: what that one is told holds for all of its demand.
    /// - Returns: whether all were taken.
    @discardableResult private func submitEach(of some: [Candidate]) async -> Bool {
        for (index, one) in some.enumerated() {
            do {
                one.answer.resume(returning: SlurmJobNumber(try await controller.submit(one.attempt.request)))
            } catch {
                for other in some[index...] { other.answer.resume(throwing: error) }
                return false
            }
        }
        return true
    }
}
