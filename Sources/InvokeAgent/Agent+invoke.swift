import Crypto
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

/// What the check of an invocation comes to.
enum CheckedInvocation {
    /// The job of the time before, which settles everything else.
    case replay(JobID, of: ValidInvocation?)
    case new(NewJob, PreparedInvocation)
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
        var objections = Objections.first
        switch try await check(request, of: try await operation(reference), options, by: caller, &objections) {
        case .replay(let job, _): return Acceptance(job: job, isReplay: true)
        case .new(let job, _): return try await store.schedule(job)
        }
    }

    /// Finds what speaks against an invocation before the store is asked for room; a request that could not be read is nil.
    func check(
        _ request: InvocationRequest?,
        of registered: RegisteredOperation,
        _ options: InvocationOptions,
        by caller: Account,
        _ objections: inout Objections
    ) async throws -> CheckedInvocation {
        if !registered.operation.modes.contains(options.mode) {
            let other: Mode = options.mode == .sync ? .async : .sync
            try objections.note(
                Refusal(
                    .modeNotOffered,
                    "The operation \"\(registered.record.name)\" is offered \(other.rawValue) only."
                )
            )
        }
        let invocation = try request.map { try registered.operation.validate($0, &objections) }
        let webhook = try options.webhookURL.flatMap { url in
            try objections.noting { try outbound.check(url).description }
        }
        let key = request.flatMap { request in
            options.idempotencyKey.map {
                IdempotencyKey(text: $0, fingerprint: fingerprint(of: request, registered))
            }
        }
        // A replay is never refused for what its first time has used up.
        if let key, let job = try await job(for: key, of: registered, by: caller, &objections) {
            return .replay(job, of: invocation)
        }
        let prepared = try await prepare(
            invocation,
            of: registered,
            token: options.purchaseToken,
            by: caller,
            &objections
        )
        var inputs = prepared.inputs
        if let event = options.event { inputs["event"] = event }
        let children = try await checkChildren(of: registered.operation, for: caller, &objections)
        let job = NewJob(
            operation: registered.record.id,
            pool: pool(of: registered),
            owner: caller.id,
            room: QueueRoom(
                ofService: options.isOwed ? .max : registered.record.pool.queue,
                ofCaller: options.isOwed ? .max : limits.waitingJobsOfCaller,
                ofAgent: limits.waitingJobs
            ),
            inputs: .object(inputs),
            lifetime: lifetime(of: registered.operation, children: children, asked: options.lifetime),
            payments: prepared.payments,
            webhookURL: webhook,
            webhookEvents: options.webhookEvents,
            idempotency: key,
            children: registered.operation.run.orchestration.map { Array($0.children.keys) } ?? []
        )
        return .new(job, prepared)
    }

    private func job(
        for key: IdempotencyKey,
        of operation: RegisteredOperation,
        by caller: Account,
        _ objections: inout Objections
    ) async throws -> JobID? {
        do {
            return try await store.job(for: key, owner: caller.id, operation: operation.record.id)
        } catch let refusal as Refusal {
            try objections.note(refusal)
            return nil
        }
    }

    /// What a request asks for, whatever the order of its members and its white space.
    private func fingerprint(of request: InvocationRequest, _ operation: RegisteredOperation) -> Hex32 {
        Hex32(first32: SHA256.hash(data: request.body.bytes(sorted: true) + operation.record.asset.bytes))
    }

    /// Waiting takes the default; an operation that says how long it runs, or whose `children` do, gets that on top.
    private func lifetime(of operation: Operation, children: Duration, asked: Duration?) -> Duration {
        let usual = limits.jobLifetime + (operation.run.timeout ?? .zero) + children
        return min(asked ?? usual, limits.longestJobLifetime)
    }
}
