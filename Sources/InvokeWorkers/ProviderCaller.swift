import struct Foundation.Date
import InvokeAssets
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import Logging
import OrderedCollections

/// Runs one attempt at a job that its provider runs: calls the endpoint, and waits for the completion of what the provider
/// has only taken on. That it has is a row, so a later attempt goes on waiting where this one stops.
struct ProviderCaller: Sendable {
    let claim: Claim
    let endpoint: ProviderEndpoint
    let known: KnownOperation
    let agent: AgentID
    let calls: ProviderCalls
    let store: Store
    let contents: FileContentStore
    let logger: Logger

    /// Bytes of a refusal that its job tells of.
    private static let shownBytes = 300

    /// - Throws: `JobFailure` when the provider has refused the job, or the time is over; `ProviderUnavailable`,
    ///   `AttemptStopped`.
    func run(running: @Sendable (AttemptStop) async -> Void) async throws -> ProviderReport {
        let left = Duration.milliseconds(claim.deadline.milliseconds - store.now.milliseconds)
        let end = ContinuousClock.now + min(endpoint.timeout ?? left, left)
        if try await store.completion(of: claim.job) == nil {
            if let report = try await bounded(by: end, isWaiting: false).run(running, call) { return report }
        }
        return try await bounded(by: end, isWaiting: true).run(running, completion)
    }

    private func bounded(by end: ContinuousClock.Instant, isWaiting: Bool) -> BoundedCall {
        BoundedCall(
            end: end,
            isWaiting: isWaiting,
            name: "call for \(claim.job)",
            late: "The provider did not end the job in the time that it has."
        )
    }

    /// Calls the endpoint once.
    /// - Returns: nil when the provider has taken the job on.
    @Sendable private func call() async throws -> ProviderReport? {
        let url: OutboundURL
        do { url = try calls.outbound.check(endpoint.url) } catch { throw blocked(error.message) }
        let body = try await request().bytes()
        guard let headers = try await calls.sign("job_\(claim.job)", body, known.record.provider) else {
            throw JobFailure(.operationFailed, "The provider's account has been removed.")
        }
        let request = OutboundRequest(.post, headers: headers, body: body)
        let answer: OutboundAnswer
        do throws(OutboundFault) {
            answer = try await calls.client.send(
                request,
                to: url,
                through: calls.outbound,
                attempt: claim.counted - 1
            )
        } catch {
            if error.isBlocked { throw blocked(error.reason) }
            throw unreachable(error.reason)
        }
        switch answer.status {
        case 200: return try report(in: answer)
        case 202:
            try await store.insist { try await store.noteTaken(claim.job) }
            return nil
        case 429, 500...:
            let asked = answer.retryAfter.flatMap { AnswerText.wait($0, now: Date()) }
            throw ProviderUnavailable(failure: refusal(answer), asked: asked, retries: endpoint.retries)
        default: throw refusal(answer)
        }
    }

    private func report(in answer: OutboundAnswer) throws -> ProviderReport {
        guard answer.isWhole else {
            guard answer.body.count >= ProviderCalls.longestAnswer else {
                throw unreachable("The answer broke off.")
            }
            let limit = ProviderCalls.longestAnswer
            throw JobFailure(.outputTooLarge, "The provider's answer has more than \(limit) bytes.")
        }
        do {
            return try ProviderReport(try JSON(parsing: answer.body))
        } catch let fault as JSONFault {
            throw JobFailure(.outputMismatch, "The provider's answer can't be read. " + Refusal(fault).message)
        } catch let invalid as Invalid {
            throw JobFailure(invalid)
        }
    }

    /// Waits until the provider has told of the end.
    @Sendable private func completion() async throws -> ProviderReport {
        while true {
            // Nothing that is awaited below tells of it.
            try Task.checkCancellation()
            if let report = try await store.completion(of: claim.job)?.report {
                return try ProviderReport(try JSON(result: report))
            }
            try await store.signals.waitForCompletion(
                of: claim.job,
                atMost: .seconds(3600),
                clock: ContinuousClock()
            ) { try await store.completion(of: claim.job)?.report != nil }
        }
    }

    /// What the provider is sent.
    private func request() async throws -> JSON {
        let base = try await calls.publicURL()
        var inputs: OrderedDictionary<String, ProviderCall.Input> = [:]
        for input in known.operation.inputs {
            guard let value = claim.inputs[input.name] else { continue }
            guard input.type == .asset else {
                inputs[input.name] = .value(value)
                continue
            }
            let did = value["did"]?.string ?? ""
            guard let id = DID.localAsset(did, on: agent), let asset = try await store.asset(id),
                let content = asset.content, contents.path(of: content.hash) != nil
            else { throw JobFailure(.assetNotAccessible, "The content of \(did) is not accessible.") }
            inputs[input.name] = .asset(
                did: did,
                url: base + calls.inputPath(input.name, claim.job, claim.deadline),
                size: content.size,
                contentType: asset.facts.contentType
            )
        }
        return ProviderCall(
            job: claim.job,
            operation: DID(agent: agent, asset: known.record.asset),
            attempt: claim.attempt,
            inputs: inputs,
            completeURL: "\(base)/jobs/\(claim.job)/complete",
            token: calls.completionToken(claim.job)
        ).body
    }

    /// The job's owner is not told where its provider is.
    private func blocked(_ reason: String) -> JobFailure {
        logger.warning("provider not called", metadata: ["job": "\(claim.job)", "reason": "\(reason)"])
        return JobFailure(.providerBlocked, "The provider's URL is not one that the agent may call.")
    }

    private func unreachable(_ reason: String) -> ProviderUnavailable {
        let failure = JobFailure(.providerUnreachable, "The provider can't be reached. \(reason)")
        return ProviderUnavailable(failure: failure, asked: nil, retries: endpoint.retries)
    }

    private func refusal(_ answer: OutboundAnswer) -> JobFailure {
        let text = AnswerText.line(answer.body, atMost: Self.shownBytes)
        return JobFailure(
            .operationFailed,
            "The provider answered HTTP \(answer.status)" + (text.isEmpty ? "." : ": \(text)")
        )
    }
}

extension JobFailure {
    /// Outputs that are not as they are declared.
    init(_ invalid: Invalid) {
        self.init(.outputMismatch, "The provider's " + Refusal(.outputMismatch, invalid.violations).message)
    }
}
