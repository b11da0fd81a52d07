import struct Foundation.Data
import InvokeAssets
package import InvokeModel
import InvokeOutbound
package import InvokeStore
import InvokeWire
import OrderedCollections

/// A service with its present operations.
package struct RegisteredService: Sendable {
    package let record: ServiceRecord
    package let operations: [OperationRecord]
    /// The service token; nil for everybody but the owner and admins.
    package let token: String?
}

extension Agent {
    /// Registers a service from its definition.
    /// - Throws: `invalidServiceDefinition` naming every fault, `alreadyRegistered`, `forbidden`.
    package func register(_ document: JSON, by caller: Account) async throws -> RegisteredService {
        let service = try newService(document, by: caller)
        let record = try await store.registerService(service, owner: caller.id)
        catalogue.forget()
        return try await registered(record, for: caller)
    }

    /// Replaces a service's definition; an operation that has not changed keeps its DID (dep.md §9).
    package func replaceService(
        named name: String,
        with document: JSON,
        by caller: Account
    ) async throws -> RegisteredService {
        let (present, service) = try await newService(named: name, document, by: caller)
        let record = try await store.replaceService(present, with: service)
        catalogue.forget()
        return try await registered(record, for: caller)
    }

    /// Ends a service: invocations are answered as if it had never been, jobs and results stay.
    package func retireService(named name: String, by caller: Account) async throws {
        let record = try await ownService(name, caller)
        try await store.retireService(record.id)
        catalogue.forget()
    }

    package func service(named name: String, for caller: Account?) async throws -> RegisteredService {
        guard let record = try await store.service(named: name) else { throw Refusal.unknownService(name) }
        return try await registered(record, for: caller)
    }

    /// The definition as it was registered, for the service's owner and admins; what a script registered is told in our words.
    package func definition(ofServiceNamed name: String, for caller: Account) async throws -> JSON {
        try JSON(result: try await ownService(name, caller, registeredIn: nil).definition)
    }

    package func services(after cursor: Int64, limit: Int) async throws -> [ServiceRecord] {
        try await store.services(after: cursor, limit: limit)
    }

    package func operations(
        _ filter: OperationFilter,
        after cursor: Int64,
        limit: Int
    ) async throws -> [RegisteredOperation] {
        try await store.operations(filter, after: cursor, limit: limit).map(read)
    }

    /// How the slots and queues of the services stand, in the order of their registration.
    package func pools(after cursor: Int64, limit: Int, for caller: Account) async throws -> [PoolFigures] {
        try caller.need(.admin)
        return try await store.pools(after: cursor, limit: limit)
    }

    /// The operation that a caller names by its id, its id with `0x`, or its DID.
    /// - Throws: `unknownOperation` for everything that is not one.
    package func operation(_ reference: String) async throws -> RegisteredOperation {
        guard let id = DID.localAsset(reference, on: self.id) else { throw Self.unknownOperation(reference) }
        let found = try await catalogue.operation(id) { try await store.operation(id).map(read) }
        guard let found else { throw Self.unknownOperation(reference) }
        return found
    }

    /// The operation as it is now, with the statistics of the jobs that have ended.
    /// - Throws: `unknownOperation`.
    package func presentOperation(_ reference: String) async throws -> RegisteredOperation {
        guard let id = DID.localAsset(reference, on: self.id), let record = try await store.operation(id) else {
            throw Self.unknownOperation(reference)
        }
        return try read(record)
    }

    static func unknownOperation(_ reference: String) -> Refusal {
        Refusal(
            .unknownOperation,
            "There is no operation \"\(reference.prefix(160))\"; GET /operations lists the ones that can be invoked."
        )
    }

    func read(_ record: OperationRecord) throws -> RegisteredOperation {
        let definition = try JSON(result: record.definition)
        return RegisteredOperation(
            record: record,
            operation: try definitions.operation(record.name, definition, at: "#")
        )
    }

    /// A service that the caller may change: its owner and admins. Services are public, so others learn that it is there.
    ///
    /// Only in the dialect in which it was registered can it be changed; nil is for those who only read it.
    func ownService(
        _ name: String,
        _ caller: Account,
        registeredIn dialect: ServiceDialect? = .dep
    ) async throws -> ServiceRecord {
        try caller.need(.provider)
        guard let record = try await store.service(named: name) else { throw Refusal.unknownService(name) }
        guard record.owner == caller.id || caller.isAdmin else {
            throw Refusal.forbidden("the owner of the service or an admin")
        }
        guard dialect == nil || record.dialect == dialect else {
            throw Refusal(
                .conflict,
                "The service \"\(name)\" was registered in another dialect: use "
                    + (dialect == .dep ? "/system/services, as OSCAR's clients do." : "/services.")
            )
        }
        return record
    }

    private func registered(_ record: ServiceRecord, for caller: Account?) async throws -> RegisteredService {
        let isOwn = caller.map { $0.id == record.owner || $0.isAdmin } ?? false
        return RegisteredService(
            record: record,
            operations: try await store.operations(of: record.id, limit: .max),
            token: isOwn ? mint.serviceToken(of: record) : nil
        )
    }

    /// What is registered of a definition.
    func newService(_ document: JSON, by caller: Account) throws -> NewService {
        try caller.need(.provider)
        let definition = try definitions.read(document)
        try checkRuns(of: definition)
        return try newService(definition, replacing: [])
    }

    /// What a service is replaced with, and the row of that service.
    func newService(
        named name: String,
        _ document: JSON,
        by caller: Account
    ) async throws -> (present: Int64, service: NewService) {
        let present = try await ownService(name, caller).id
        let definition = try definitions.read(document)
        guard definition.name == name else {
            throw Refusal(
                .invalidServiceDefinition,
                [Violation("#/name", "must be \"\(name)\", as in the path; a service can't be renamed")]
            )
        }
        try checkRuns(of: definition)
        let operations = try await store.operations(of: present, limit: .max)
        return (present, try newService(definition, replacing: operations))
    }

    /// Finds what a definition asks for that this agent does not do.
    /// - Throws: `invalidServiceDefinition` naming every operation whose engine is not allowed, and every endpoint that
    ///   may not be called.
    func checkRuns(of definition: ServiceDefinition) throws {
        var violations: [Violation] = []
        for operation in definition.operations {
            let place = pointer("#/operations", operation.name) + "/run"
            let engines = operation.run.engines
            if !engines.isEmpty, limits.engines.isDisjoint(with: engines) {
                let allowed = limits.engines.map(\.rawValue).sorted().joined(separator: ", ")
                let wanted = engines.map(\.rawValue).joined(separator: " and ")
                violations.append(
                    Violation(place + "/engine", "this agent runs nothing by \(wanted), only by \(allowed)")
                )
            } else if let endpoint = operation.run.endpoint {
                do { _ = try outbound.check(endpoint.url) } catch {
                    violations.append(Violation(place + "/url", error.message))
                }
            }
        }
        guard violations.isEmpty else { throw Refusal(.invalidServiceDefinition, violations) }
    }

    func newService(
        _ definition: ServiceDefinition,
        replacing present: [OperationRecord],
        dialect: ServiceDialect = .dep,
        secrets: Data? = nil,
        keepsToken: Bool = false,
        buckets: [String] = []
    ) throws -> NewService {
        let operations = try definition.operations.map { operation in
            try newOperation(operation, of: definition, replacing: present.first { $0.name == operation.name })
        }
        let metadata = definition.metadata(
            operations: operations.map { ($0.name, $0.asset.id) },
            created: store.now
        ).bytes(sorted: true)
        return NewService(
            name: definition.name,
            version: definition.version,
            definition: definition.source.text,
            dialect: dialect,
            secrets: secrets,
            keepsToken: keepsToken,
            buckets: buckets,
            pool: pool(of: definition),
            asset: NewAsset(
                id: ContentHash.of(metadata),
                metadata: metadata,
                facts: try AssetFacts(metadata: metadata)
            ),
            operations: operations
        )
    }

    /// A cluster runs more at once than this machine does: unless a definition names one number for all, what a cluster may
    /// run gets a pool for each engine.
    private func pool(of definition: ServiceDefinition) -> PoolLimits {
        let asked = definition.pool
        let engines = Set(definition.operations.flatMap { $0.run.engines.filter(limits.engines.contains) })
        guard asked.concurrency == nil, !asked.engines.isEmpty || engines.contains(where: \.isCluster) else {
            return asked
        }
        let slots = engines.map { ($0, asked.engines[$0] ?? limits.clusterSlots[$0] ?? limits.slots) }
        return PoolLimits(concurrency: nil, engines: Dictionary(uniqueKeysWithValues: slots), queue: asked.queue)
    }

    /// The pool of an operation's jobs: that of the first of its engines that there is.
    func pool(of registered: RegisteredOperation) -> PoolID {
        let (record, engines) = (registered.record, registered.operation.run.engines)
        let engine = engines.first(where: limits.engines.contains)
        return PoolID(service: record.service, engine: record.pool.pool(of: engine))
    }

    private func newOperation(
        _ operation: Operation,
        of service: ServiceDefinition,
        replacing present: OperationRecord?
    ) throws -> NewOperation {
        let definition = service.source["operations"]?[operation.name] ?? .null
        let metadata: [UInt8]
        let id: AssetID
        if let present, try JSON(result: present.definition).withoutPrice.isEquivalent(to: definition.withoutPrice) {
            // Unchanged: the asset is registered already and stays what it is, whatever the new price.
            metadata = []
            id = present.asset
        } else {
            metadata = operation.metadata(
                service: service.name,
                version: service.version,
                digest: ContentHash.of(definition.withoutPrice.bytes(sorted: true)),
                created: present?.createdAt ?? store.now
            ).bytes(sorted: true)
            id = ContentHash.of(metadata)
        }
        let facts = AssetFacts(name: operation.name, type: "operation", contentType: nil, contentHash: nil)
        return NewOperation(
            name: operation.name,
            description: operation.description,
            tags: service.tags + operation.tags.filter { !service.tags.contains($0) },
            definition: definition.text,
            asset: NewAsset(id: id, metadata: metadata, facts: facts),
            listing: operation.price.flatMap { $0.isFree ? nil : listing(of: operation, id, service, price: $0) }
        )
    }

    private func listing(
        of operation: Operation,
        _ id: AssetID,
        _ service: ServiceDefinition,
        price: Price
    ) -> NewListing {
        var info: OrderedDictionary<String, JSON> = [
            "title": .string("\(service.name): \(operation.name)"), "service": .string(service.name),
        ]
        info["description"] = operation.description.map(JSON.string)
        return NewListing(
            id: .random(),
            asset: id,
            info: .object(info),
            agreement: ["price": .string(price.amount), "currency": .string(price.currency), "uses": 1],
            status: .published
        )
    }
}

extension JSON {
    /// An operation's definition as far as it says what the operation does.
    fileprivate var withoutPrice: JSON {
        guard var members = object else { return self }
        members["price"] = nil
        return .object(members)
    }
}
