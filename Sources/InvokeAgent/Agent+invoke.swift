import Crypto
import InvokeAssets
package import InvokeModel
import InvokeOutbound
package import InvokeStore
import OrderedCollections

/// How a caller wants an operation run.
package struct InvocationOptions: Sendable {
    package var mode: Mode
    /// Proof that the operation itself is paid for.
    package var purchaseToken: String?
    /// How long the job may take from its acceptance; nil for the agent's default.
    package var lifetime: Duration?
    package var webhookURL: String?
    /// The event types the webhook wants; nil for all.
    package var webhookEvents: [String]?
    /// The caller's own name for this request: sent again, it gives the same job.
    package var idempotencyKey: String?
    /// What started a script, as it is told: an object, or a request. Callers have no say in it.
    var event: JSON?
    /// Whether the input has been taken from somebody already: then only the agent's own room can hold the job back.
    var isOwed = false

    package init(
        mode: Mode,
        purchaseToken: String? = nil,
        lifetime: Duration? = nil,
        webhookURL: String? = nil,
        webhookEvents: [String]? = nil,
        idempotencyKey: String? = nil
    ) {
        self.mode = mode
        self.purchaseToken = purchaseToken
        self.lifetime = lifetime
        self.webhookURL = webhookURL
        self.webhookEvents = webhookEvents
        self.idempotencyKey = idempotencyKey
    }
}

extension Agent {
    /// Accepts a job: everything about it is checked, and it is on the disk when this returns.
    /// - Throws: `unknownOperation`, `modeNotOffered`, `invalidInput` with every violation, `assetNotAccessible`,
    ///   `notPaid`, `storageUnavailable` when nobody can tell now whether a purchase token is good, `invalidWebhook`,
    ///   `blockedURL`, `idempotencyMismatch`, `callerQuota`, `queueFull`.
    package func invoke(
        _ reference: String,
        _ request: InvocationRequest,
        _ options: InvocationOptions,
        by caller: Account
    ) async throws -> Acceptance {
        let registered = try await operation(reference)
        guard registered.operation.modes.contains(options.mode) else {
            let other: Mode = options.mode == .sync ? .async : .sync
            throw Refusal(
                .modeNotOffered,
                "The operation \"\(registered.record.name)\" is offered \(other.rawValue) only."
            )
        }
        let invocation = try registered.operation.validate(request)
        let webhook = try options.webhookURL.map { try outbound.check($0).description }
        let key = options.idempotencyKey.map {
            IdempotencyKey(text: $0, fingerprint: fingerprint(of: request, registered))
        }
        // A replay is never refused for what its first time has used up.
        if let key, let job = try await store.job(for: key, owner: caller.id, operation: registered.record.id) {
            return Acceptance(job: job, isReplay: true)
        }
        var prepared = try await prepare(invocation, of: registered, token: options.purchaseToken, by: caller)
        if let event = options.event { prepared.inputs["event"] = event }
        try await checkChildren(of: registered.operation, for: caller)
        return try await store.schedule(
            NewJob(
                operation: registered.record.id,
                service: registered.record.service,
                owner: caller.id,
                room: QueueRoom(
                    ofService: options.isOwed ? .max : registered.record.queue,
                    ofCaller: options.isOwed ? .max : limits.waitingJobsOfCaller,
                    ofAgent: limits.waitingJobs
                ),
                inputs: .object(prepared.inputs),
                lifetime: try await lifetime(of: registered.operation, asked: options.lifetime),
                payments: prepared.payments,
                webhookURL: webhook,
                webhookEvents: options.webhookEvents,
                idempotency: key,
                children: registered.operation.run.orchestration.map { Array($0.children.keys) } ?? []
            )
        )
    }

    /// What a request asks for, whatever the order of its members and its white space.
    private func fingerprint(of request: InvocationRequest, _ operation: RegisteredOperation) -> Hex32 {
        Hex32(first32: SHA256.hash(data: request.body.bytes(sorted: true) + operation.record.asset.bytes))
    }

    /// Waiting takes the default; an operation that says how long it runs gets that on top.
    private func lifetime(of operation: Operation, asked: Duration?) async throws -> Duration {
        let usual = limits.jobLifetime + (try await runningTime(of: operation))
        return min(asked ?? usual, limits.longestJobLifetime)
    }

    /// Finds the assets that an invocation names and what pays for everything in it; the `paid` ones are paid already.
    func prepare(
        _ invocation: ValidInvocation,
        of operation: RegisteredOperation,
        token: String?,
        paid: Set<AssetID> = [],
        by caller: Account
    ) async throws -> (inputs: OrderedDictionary<String, JSON>, payments: [JobPayment]) {
        var inputs: OrderedDictionary<String, JSON> = [:]
        var payments: OrderedSet<JobPayment> = []
        var inaccessible: [Violation] = []
        var unpaid: [Refusal] = []
        for (name, value) in invocation.values {
            switch value {
            case .string(let text): inputs[name] = .string(text)
            case .json(let json): inputs[name] = json
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
                inputs[name] = ["did": .string(did(of: asset.id).description)]
                if paid.contains(asset.id) { continue }
                let check = try await payment(
                    toUse: asset.id,
                    offers: try await store.offers(of: asset.id),
                    owner: asset.owner,
                    token: reference.purchaseToken,
                    for: operation.record.asset,
                    by: caller
                )
                if let payment = check.payment { payments.append(payment) }
                if let refusal = check.refusal { unpaid.append(refusal.about("#/\(name)")) }
            }
        }
        guard inaccessible.isEmpty else { throw Refusal(.assetNotAccessible, inaccessible) }
        let asset = operation.record.asset
        let check = try await payment(
            toUse: asset,
            offers: try await catalogue.offers(of: asset) { try await store.offers(of: asset) },
            owner: operation.record.provider,
            token: token,
            for: asset,
            by: caller
        )
        if let payment = check.payment { payments.append(payment) }
        if let refusal = unpaid.first ?? check.refusal { throw refusal }
        return (inputs, Array(payments))
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
