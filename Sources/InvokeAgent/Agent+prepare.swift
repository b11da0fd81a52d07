import InvokeAssets
import InvokeModel
import InvokeStore
import OrderedCollections

/// An invocation with what it takes to run it.
struct PreparedInvocation {
    /// nil when the request could not be read.
    let invocation: ValidInvocation?
    /// The inputs as the job's row holds them, secrets removed.
    fileprivate(set) var inputs: OrderedDictionary<String, JSON> = [:]
    /// The assets among them, and whether each is paid for, by the names of the inputs.
    fileprivate(set) var assets: [String: (asset: Asset, payment: PaymentCheck)] = [:]
    /// Whether the use of the operation is paid for.
    fileprivate(set) var payment = PaymentCheck.free
    /// What pays for everything, each once.
    fileprivate(set) var payments: [JobPayment] = []
}

extension Agent {
    /// Finds the assets that an invocation names and what pays for everything in it; the `paid` ones are paid already.
    func prepare(
        _ invocation: ValidInvocation?,
        of operation: RegisteredOperation,
        token: String?,
        paid: Set<AssetID> = [],
        by caller: Account,
        _ objections: inout Objections
    ) async throws -> PreparedInvocation {
        var prepared = PreparedInvocation(invocation: invocation)
        var payments: OrderedSet<JobPayment> = []
        var inaccessible: [Violation] = []
        var unpaid: [Refusal] = []
        for (name, value) in invocation?.values ?? [:] {
            switch value {
            case .string(let text): prepared.inputs[name] = .string(text)
            case .json(let json): prepared.inputs[name] = json
            case .asset(let reference):
                guard let asset = try await accessibleAsset(reference, for: caller) else {
                    inaccessible.append(
                        Violation(
                            pointer(pointer("#", name), "did"),
                            "the asset \(reference.did.prefix(160)) is not here, has no content, or is not yours to use"
                        )
                    )
                    continue
                }
                prepared.inputs[name] = ["did": .string(did(of: asset.id).description)]
                if paid.contains(asset.id) { continue }
                let check = try await payment(
                    toUse: asset.id,
                    offers: try await store.offers(of: asset.id),
                    owner: asset.owner,
                    token: reference.purchaseToken,
                    for: operation.record.asset,
                    by: caller
                )
                prepared.assets[name] = (asset, check)
                if let payment = check.payment { payments.append(payment) }
                if let refusal = check.refusal { unpaid.append(refusal.about("#/\(name)")) }
            }
        }
        if !inaccessible.isEmpty { try objections.note(Refusal(.assetNotAccessible, inaccessible)) }
        let asset = operation.record.asset
        prepared.payment = try await payment(
            toUse: asset,
            offers: try await catalogue.offers(of: asset) { try await store.offers(of: asset) },
            owner: operation.record.provider,
            token: token,
            for: asset,
            by: caller
        )
        if let payment = prepared.payment.payment { payments.append(payment) }
        if let refusal = prepared.payment.refusal { unpaid.append(refusal) }
        for refusal in unpaid { try objections.note(refusal) }
        prepared.payments = Array(payments)
        return prepared
    }

    private func accessibleAsset(_ reference: AssetReference, for caller: Account) async throws -> Asset? {
        guard let id = DID.localAsset(reference.did, on: self.id), let asset = try await store.asset(id),
            let content = asset.content, contents.path(of: content.hash) != nil,
            try await isVisible(asset, to: caller)
        else { return nil }
        return asset
    }
}

extension Refusal {
    /// The same refusal, naming the input it is about.
    fileprivate func about(_ pointer: String) -> Refusal {
        Refusal(code, message, violations: [Violation(pointer, message)], retryAfter: retryAfter)
    }
}
