import InvokeAssets
package import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// Calls of scripts.
extension Agent {
    /// The service that a call names, and on whose behalf the call is: the service's own token acts for its owner.
    /// - Throws: `unauthenticated`, also for a token to a service that is not there; `unknownResource` for an admin.
    package func admit(
        _ authorization: String?,
        from place: String,
        toScript name: String
    ) async throws -> (RegisteredScript, Account) {
        let schemes = ["basic ", "bearer "]
        guard let authorization, schemes.contains(where: authorization.lowercased().hasPrefix) else {
            throw Refusal.unauthenticated
        }
        guard let script = try await callableScript(name) else {
            let caller = try await authenticate(authorization: authorization, from: place)
            throw caller.isAdmin ? Refusal.unknownService(name) : Refusal.unauthenticated
        }
        // Remembered under what no header can hold: a service's token must never pass for credentials elsewhere.
        let proof = credentials.proof("\0\(name)\0\(authorization)")
        let account = try await credentials.account(for: proof) {
            if case .token(let token)? = Credential(authorization: authorization), let bytes = Hex32(token)?.bytes,
                self.key.isDerived(bytes, for: .serviceToken, script.record.tokenContext),
                let owner = try await self.store.account(named: script.record.ownerName)
            {
                return (owner.account, true)
            }
            let caller = try await self.authenticate(authorization: authorization, from: place)
            guard caller.isAdmin || caller.id == script.record.owner else { throw Refusal.unauthenticated }
            // Until when the caller's own credentials hold is not told here.
            return (caller, false)
        }
        return (script, account)
    }

    func callableScript(_ name: String) async throws -> RegisteredScript? {
        try await catalogue.script(name) {
            guard let record = try await store.service(named: name), record.dialect == .oscar,
                let operation = try await store.operations(of: record.id, limit: 1).first,
                let script = try read(operation).operation.run.script
            else { return nil }
            return RegisteredScript(
                record: record,
                script: script,
                operation: operation.asset
            )
        }
    }

    /// Accepts a job of a script; the body is its input as `FileContent` reads it, the event what the script is told of its
    /// start.
    /// - Throws: `invalidInput` for a body that is neither JSON nor base64, and what `invoke` throws.
    package func schedule(
        _ script: RegisteredScript,
        _ body: [UInt8],
        event: JSON?,
        mode: Mode,
        by caller: Account
    ) async throws -> JobID {
        let content = try FileContent.checked(body)
        var inputs: OrderedDictionary<String, JSON> = [:]
        if body.count > Self.longestText {
            inputs["input"] = ["did": .string(try await keep(content, for: script, owner: caller))]
        } else if !body.isEmpty {
            inputs["input"] = .string(String(decoding: body, as: UTF8.self))
        }
        return try await schedule(script, inputs: inputs, event: event, InvocationOptions(mode: mode), by: caller)
    }

    func schedule(
        _ script: RegisteredScript,
        inputs: OrderedDictionary<String, JSON> = [:],
        event: JSON?,
        _ options: InvocationOptions,
        by caller: Account
    ) async throws -> JobID {
        var options = options
        options.event = event
        let request = InvocationRequest(inputs: .object(inputs))
        return try await invoke(script.operation.description, request, options, by: caller).job
    }

    /// Bytes of a body that a job's row holds; of a longer one the content becomes an asset.
    static let longestText = 256 << 10

    private func keep(_ bytes: [UInt8], for script: RegisteredScript, owner: Account) async throws -> String {
        try checkSpace()
        return try await holding {
            let content = try await contents.keep(bytes)
            let metadata = JSON.object([
                "name": .string("input of \(script.record.name)"), "type": "dataset",
                "dateCreated": JSON(time: store.now),
                "contentHash": .string(content.hash.description), "size": .string(String(content.size)),
            ]).bytes(sorted: true)
            let asset = NewAsset(
                id: ContentHash.of(metadata),
                metadata: metadata,
                facts: try AssetFacts(metadata: metadata),
                content: content,
                isPrivate: true
            )
            _ = try await store.register(asset, owner: owner.id)
            return did(of: asset.id).description
        }
    }

    /// Runs a script and waits for its end, for which it has a bounded time; one that has not ended then is cancelled.
    ///
    /// `started` is told the job as soon as there is one. The answer is the job at its end; nil when its time was over.
    package func run(
        _ script: RegisteredScript,
        _ body: [UInt8],
        event: JSON?,
        by caller: Account,
        started: (JobID) -> Void
    ) async throws -> Job? {
        try await synchronousRuns.run(of: script.record.id, atOnce: slots(of: script)) {
            let id = try await schedule(script, body, event: event, mode: .sync, by: caller)
            started(id)
            try await store.signals.waitForEnd(ofAny: [id], atMost: limits.longestRun, clock: clock) {
                try self.store.result(of: id)?.state.isTerminal ?? true
            }
            guard let job = try await store.job(id) else { return nil }
            if !job.state.isTerminal { _ = try await store.cancel(id) }
            return job.state.isTerminal ? job : nil
        }
    }

    /// Runs of a script that are under way at the same time.
    func slots(of script: RegisteredScript) -> Int { script.record.pool.slots(default: limits.slots) }

    /// Ends a run that nobody waits for any more; one that has ended stays as it is.
    package func abandon(_ job: JobID) async throws { _ = try await store.cancel(job) }

    /// The content of the asset that a job has put out.
    package func output(of job: Job) async throws -> ReadableContent? {
        guard let did = try job.result.map({ try JSON(result: $0) })?["output"]?["did"]?.string,
            let id = DID.localAsset(did, on: self.id), let asset = try await store.asset(id),
            let content = asset.content, let path = contents.path(of: content.hash)
        else { return nil }
        return ReadableContent(asset: asset, content: content, path: path)
    }
}
