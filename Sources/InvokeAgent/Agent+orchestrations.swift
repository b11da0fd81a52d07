import InvokeAssets
package import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

extension Agent {
    /// The largest document of an orchestration, in bytes.
    private static let longestDocument = 256 << 10
    /// Jobs that one invocation may start, those of orchestrations among its children included.
    private static let mostJobs = 1000
    /// Orchestrations of one kind that run at a time: waiting for their children takes no core.
    private static let pool = PoolLimits(concurrency: 64, queue: 1000)

    /// An orchestration is a service, so only who may register services may give it its content, and only its owner.
    func checkOrchestrator(of asset: Asset, _ caller: Account) async throws {
        guard try await orchestrationMetadata(of: asset) != nil else { return }
        try caller.need(.provider)
        guard asset.owner == caller.id || caller.isAdmin else {
            throw Refusal.forbidden("the owner of the orchestration or an admin")
        }
    }

    /// The service that an orchestration's content makes of its asset; nil for every other asset.
    /// - Throws: `invalidInput` naming everything that is wrong with the graph, `bodyTooLarge`, `malformedJSON`.
    func newOrchestration(of asset: Asset, _ writer: FileContentStore.ContentWriter) async throws -> NewService? {
        guard let metadata = try await orchestrationMetadata(of: asset) else { return nil }
        guard writer.size <= Self.longestDocument else {
            throw Refusal(.bodyTooLarge, "An orchestration takes at most \(Self.longestDocument) bytes.")
        }
        let document: JSON
        do { document = try JSON(parsing: try await writer.bytes()) } catch let fault as JSONFault {
            throw Refusal(fault)
        }
        do {
            return try await service(of: asset, metadata, running: try Orchestration(document: document))
        } catch let invalid as Invalid {
            throw Refusal(.invalidInput, invalid.violations)
        }
    }

    private func orchestrationMetadata(of asset: Asset) async throws -> OrchestrationMetadata? {
        guard asset.facts.type == "operation", let bytes = try await store.metadata(of: asset.id) else { return nil }
        let metadata = try JSON(result: String(decoding: bytes, as: UTF8.self))
        do { return try OrchestrationMetadata(metadata) } catch { throw Refusal(.invalidInput, error.violations) }
    }

    private func service(
        of asset: Asset,
        _ metadata: OrchestrationMetadata,
        running graph: Orchestration
    ) async throws -> NewService {
        let definition = metadata.definition(running: graph)
        let operation = try definitions.operation(metadata.name, definition, at: "#/operation")
        try await check(graph, of: operation)
        let (name, version) = ("orchestration-\(asset.id.description.prefix(12))", "1.0.0")
        let service = ServiceDefinition(
            name: name,
            version: version,
            description: metadata.description,
            tags: [],
            operations: [operation],
            pool: Self.pool,
            source: [
                "name": .string(name), "version": .string(version),
                "operations": .object([metadata.name: definition]),
            ]
        )
        let bundle = service.metadata(operations: [(metadata.name, asset.id)], created: store.now).bytes(sorted: true)
        return NewService(
            name: service.name,
            version: service.version,
            definition: service.source.text,
            pool: service.pool,
            asset: NewAsset(id: ContentHash.of(bundle), metadata: bundle, facts: try AssetFacts(metadata: bundle)),
            operations: [
                NewOperation(
                    name: metadata.name,
                    description: metadata.description,
                    definition: definition.text,
                    asset: NewAsset(id: asset.id, metadata: [], facts: asset.facts),
                    listing: nil
                )
            ]
        )
    }

    private func check(_ graph: Orchestration, of parent: Operation) async throws {
        var violations: [Violation] = []
        var operations: [String: Operation] = [:]
        var jobs = 1
        for (name, reference) in graph.children {
            do {
                let operation = try await operation(reference).operation
                operations[name] = operation
                jobs += try await self.jobs(of: operation, atMost: Self.mostJobs)
            } catch let refusal as Refusal where refusal.code == .unknownOperation {
                violations.append(Violation(pointer("#/children", name), refusal.message))
            }
        }
        if jobs > Self.mostJobs {
            violations.append(Violation("#/children", "would start more than \(Self.mostJobs) jobs in all"))
        }
        violations += graph.violations(inputs: parent.inputs, outputs: parent.outputs, operations: operations)
        guard violations.isEmpty else { throw Invalid(violations) }
    }

    /// How many jobs an invocation of an operation makes; the count stops a little above `limit`.
    private func jobs(of operation: Operation, atMost limit: Int) async throws -> Int {
        var jobs = 1
        for reference in operation.run.orchestration?.children.values.elements ?? [] where jobs <= limit {
            jobs += try await self.jobs(of: self.operation(reference).operation, atMost: limit - jobs)
        }
        return jobs
    }

    /// How long an operation says that it runs; an orchestration as long as its children one after the other.
    private func runningTime(of operation: Operation) async throws -> Duration {
        var time = operation.run.timeout ?? .zero
        for reference in operation.run.orchestration?.children.values.elements ?? [] {
            time += try await runningTime(of: self.operation(reference).operation)
        }
        return time
    }

    /// Makes sure that the children of an orchestration can still be run, and are paid for, before it is accepted.
    /// - Returns: how long they say that they run, one after the other; zero for every other operation.
    /// - Throws: `unknownOperation`, `notPaid`.
    func checkChildren(
        of operation: Operation,
        for caller: Account,
        _ objections: inout Objections
    ) async throws -> Duration {
        var time = Duration.zero
        for (name, reference) in operation.run.orchestration?.children ?? [:] {
            do {
                let registered = try await self.operation(reference)
                time += try await runningTime(of: registered.operation)
                let child = registered.record
                let check = try await payment(
                    toUse: child.asset,
                    offers: try await catalogue.offers(of: child.asset) { try await store.offers(of: child.asset) },
                    owner: child.provider,
                    token: nil,
                    for: child.asset,
                    by: caller
                )
                if let refusal = check.refusal { throw refusal }
            } catch let refusal as Refusal where [.unknownOperation, .notPaid].contains(refusal.code) {
                try objections.note(
                    Refusal(refusal.code, "The child \"\(name)\" of the orchestration: \(refusal.message)")
                )
            }
        }
        return time
    }

    /// Starts a child on behalf of the owner of its parent, or finds the job that was started for it before.
    ///
    /// Of what bounds waiting jobs only the room of its own service counts: otherwise parents that wait could leave no
    /// room for the children that those before them wait for.
    /// - Throws: what an invocation by the owner himself would throw, and `conflict` when the parent has ended.
    package func startChild(_ child: ChildInvocation) async throws -> JobID {
        guard let owner = try await store.account(child.owner) else {
            throw Refusal(.forbidden, "The account that the job belongs to has been removed.")
        }
        let registered = try await operation(child.operation)
        var objections = Objections.first
        let prepared = try await prepare(
            try registered.operation.validate(InvocationRequest(inputs: child.inputs), &objections),
            of: registered,
            token: nil,
            paid: Set(child.paid),
            by: owner,
            &objections
        )
        let job = NewJob(
            operation: registered.record.id,
            pool: pool(of: registered),
            owner: owner.id,
            room: QueueRoom(ofService: registered.record.pool.queue),
            inputs: .object(prepared.inputs),
            lifetime: limits.longestJobLifetime,
            payments: prepared.payments,
            webhookURL: nil,
            webhookEvents: nil,
            children: registered.operation.run.orchestration.map { Array($0.children.keys) } ?? [],
            place: ChildPlace(parent: child.parent, name: child.name, deadline: child.deadline)
        )
        return try await store.schedule(job).job
    }
}
