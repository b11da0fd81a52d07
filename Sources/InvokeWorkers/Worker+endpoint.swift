import InvokeAssets
import InvokeModel
import InvokeStore
import InvokeWire

extension Worker {
    /// Has the provider run the job, and keeps what comes of it.
    func run(
        _ endpoint: ProviderEndpoint,
        of known: KnownOperation,
        _ claim: Claim,
        running: @Sendable (AttemptStop) async -> Void
    ) async throws -> AttemptEnding {
        let caller = ProviderCaller(
            claim: claim,
            endpoint: endpoint,
            known: known,
            agent: agent,
            calls: calls,
            store: store,
            contents: contents,
            logger: logger
        )
        switch try await caller.run(running: running) {
        case .failed(let text): return .failed(JobFailure(.operationFailed, text))
        case .outputs(let values):
            let provided: [String: ProvidedOutput]
            do { provided = try known.operation.provided(values) } catch { throw JobFailure(error) }
            let kept = try await keep(provided, of: known, claim)
            return try end(with: kept, of: known, claim)
        }
    }

    /// Keeps the contents among what a provider gave; one that it has stored here is there already.
    private func keep(
        _ provided: [String: ProvidedOutput],
        of known: KnownOperation,
        _ claim: Claim
    ) async throws -> [String: KeptOutput] {
        var kept: [String: KeptOutput] = [:]
        var violations: [Violation] = []
        for output in known.operation.outputs {
            switch provided[output.name] {
            case .value(let value)?: kept[output.name] = .value(value)
            case .inline(let bytes, let type)?:
                let content = try await stored(output.name, of: claim) { try await contents.keep(bytes) }
                kept[output.name] = .asset(content, contentType: type)
            case .stored(let did)?:
                guard let id = DID.localAsset(did, on: agent), let asset = try await store.asset(id),
                    asset.owner == known.record.provider, let content = asset.content,
                    contents.path(of: content.hash) != nil
                else {
                    let place = pointer("#/outputs", output.name)
                    violations.append(Violation(place, "names no asset of the provider's with content on this agent"))
                    continue
                }
                kept[output.name] = .asset(content, contentType: asset.facts.contentType)
            case nil: break
            }
        }
        guard violations.isEmpty else { throw JobFailure(Invalid(violations)) }
        return kept
    }
}
