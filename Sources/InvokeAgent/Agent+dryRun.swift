package import InvokeModel
package import InvokeStore
package import InvokeWire
import OrderedCollections

/// What calls would come to. Nothing is written, and nothing used up.
extension Agent {
    /// Makes every check of an invocation and tells all that it finds.
    ///
    /// A request that could not be read is nil, and `objections` holds what was found before, all of it.
    /// - Throws: `unknownOperation`.
    package func dryRun(
        _ reference: String,
        _ request: InvocationRequest?,
        _ options: InvocationOptions,
        by caller: Account,
        after objections: Objections = .all
    ) async throws -> DryRun {
        let registered = try await operation(reference)
        var objections = objections
        let inputs: OrderedDictionary<String, DryRun.Input>
        var (replay, prospect): (JobID?, DryRun.Prospect?)
        switch try await check(request, of: registered, options, by: caller, &objections) {
        case .replay(let job, let invocation):
            // What is refused before the key is looked at gives no job, not even an old one.
            if objections.refusals.isEmpty { replay = job }
            inputs = self.inputs(of: invocation, assets: nil)
        case .new(let job, let prepared):
            inputs = self.inputs(of: prepared.invocation, assets: prepared.assets)
            let found = try await store.prospect(of: job, slots: limits.slots)
            for refusal in found.refusals { try objections.note(refusal) }
            prospect = DryRun.Prospect(
                cost: prepared.payment.cost,
                waiting: found.waiting,
                capacity: registered.record.pool.queue,
                deadline: found.deadline
            )
        }
        return DryRun(
            operation: registered.record.asset,
            name: registered.record.name,
            mode: options.mode,
            refusals: objections.refusals,
            inputs: inputs,
            replay: replay,
            job: prospect
        )
    }

    /// The values with the assets among them; without `assets` nobody has looked at these.
    private func inputs(
        of invocation: ValidInvocation?,
        assets: [String: (asset: Asset, payment: PaymentCheck)]?
    ) -> OrderedDictionary<String, DryRun.Input> {
        var inputs: OrderedDictionary<String, DryRun.Input> = [:]
        for (name, value) in invocation?.values ?? [:] {
            let isDefault = invocation?.defaults.contains(name) == true
            switch value {
            case .string(let text): inputs[name] = .string(text, isDefault: isDefault)
            case .json(let json): inputs[name] = .json(json, isDefault: isDefault)
            case .asset(let reference):
                if let assets {
                    inputs[name] = assets[name].map { .asset($0.asset, $0.payment.cost) }
                } else {
                    inputs[name] = .reference(reference.did)
                }
            }
        }
        return inputs
    }
}

/// Definitions of services.
extension Agent {
    /// What `register` would write.
    /// - Throws: what `register` throws.
    package func dryRun(registering document: JSON, by caller: Account) async throws -> NewService {
        let service = try newService(document, by: caller)
        guard try await store.service(named: service.name) == nil else {
            throw Refusal.alreadyRegistered(service.name)
        }
        return service
    }

    /// What `replaceService` would write.
    /// - Throws: what `replaceService` throws.
    package func dryRun(
        replacingServiceNamed name: String,
        with document: JSON,
        by caller: Account
    ) async throws -> NewService {
        try await newService(named: name, document, by: caller).service
    }
}

/// Calls of scripts.
extension Agent {
    /// What `run` or `schedule` would make of a body. A long one counts as the text it is, because it is not kept.
    package func dryRun(
        _ script: RegisteredScript,
        _ body: [UInt8],
        mode: Mode,
        by caller: Account
    ) async throws -> DryRun {
        var objections = Objections.all
        if mode == .sync {
            try objections.noting {
                try synchronousRuns.checkRoom(of: script.record.id, atOnce: slots(of: script))
            }
        }
        let content = try objections.noting { try FileContent.checked(body) }
        if content != nil, body.count > Self.longestText { try objections.noting { try checkSpace() } }
        let request = content.map { _ in
            InvocationRequest(inputs: body.isEmpty ? [:] : ["input": .string(String(decoding: body, as: UTF8.self))])
        }
        let options = InvocationOptions(mode: mode)
        return try await dryRun(script.operation.description, request, options, by: caller, after: objections)
    }

    /// What a posted event would start: the first of its jobs that would be refused, or else the first of them.
    package func dryRun(
        _ script: RegisteredScript,
        _ notice: BucketNotice,
        by caller: Account
    ) async throws -> DryRun {
        let records = self.records(of: notice, for: script)
        var runs: [DryRun] = []
        for record in records {
            let options = self.options(for: record, isOwed: false)
            let request = InvocationRequest(inputs: [:])
            runs.append(try await dryRun(script.operation.description, request, options, by: caller))
        }
        let none = DryRun(
            operation: script.operation,
            name: try await operation(script.operation.description).record.name,
            mode: .async,
            refusals: [],
            inputs: [:]
        )
        var run = runs.first { !$0.refusals.isEmpty } ?? runs.first ?? none
        run.jobs = records.count
        return run
    }
}
