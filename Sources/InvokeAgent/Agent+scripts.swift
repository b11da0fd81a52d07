import struct Foundation.Data
package import InvokeModel
import InvokeOutbound
package import InvokeStore
import InvokeWire
import OrderedCollections

/// A service that runs a script, ready to be called.
package struct RegisteredScript: Sendable {
    package let record: ServiceRecord
    package let script: Script
    let operation: AssetID
}

/// The services of scripts: what OSCAR's clients register and call.
extension Agent {
    /// - Returns: the service's name.
    /// - Throws: `invalidServiceDefinition` naming a field, `alreadyRegistered`, `forbidden`.
    package func registerScript(_ document: JSON, by caller: Account) async throws -> String {
        try caller.need(.provider)
        let service = try ScriptService(document, rules: limits.scripts, reader: definitions)
        try check(service)
        _ = try await store.registerService(
            try newService(
                service.definition,
                replacing: [],
                dialect: .oscar,
                secrets: try seal(service.secrets),
                buckets: try buckets(of: service)
            ),
            owner: caller.id
        )
        forgetScripts()
        return service.definition.name
    }

    /// Replaces a service by a whole new definition; its secrets and the stores of others stay when it names none, and its
    /// token as it says.
    /// - Throws: what `registerScript` throws, and `unknownResource`.
    package func replaceScript(_ document: JSON, by caller: Account) async throws {
        var service = try ScriptService(document, rules: limits.scripts, reader: definitions)
        let present = try await ownService(service.definition.name, caller, registeredIn: .oscar)
        service = service.keeping(try secrets(of: present))
        try check(service)
        let operations = try await store.operations(of: present.id, limit: .max)
        _ = try await store.replaceService(
            present.id,
            with: try newService(
                service.definition,
                replacing: operations,
                dialect: .oscar,
                secrets: try seal(service.secrets),
                keepsToken: service.keepsToken,
                buckets: try buckets(of: service)
            )
        )
        forgetScripts()
    }

    /// Ends a service and its jobs; what they have made stays.
    package func removeScript(named name: String, by caller: Account) async throws {
        let record = try await ownService(name, caller, registeredIn: .oscar)
        try await store.retireService(record.id)
        forgetScripts()
        try await cancelJobs(of: record)
        // What somebody has put there stays (oscar.md D8).
        for bucket in try await store.buckets() where bucket.service == name { _ = try await store.remove(bucket) }
    }

    /// The buckets of the agent's own store that a service names; those of others are their operators'.
    private func buckets(of service: ScriptService) throws -> [String] {
        var names: OrderedSet<String> = []
        for folder in service.inputs + service.outputs {
            let name = folder.path.prefix { $0 != "/" }
            guard Bucket.isValid(name: String(name)) else {
                throw Refusal(.invalidServiceDefinition, "\"\(name)\" can't be a bucket's name; see `path`.")
            }
            if folder.isOwn { names.append(String(name)) }
        }
        return Array(names)
    }

    /// Finds what a service asks for that this agent does not do.
    private func check(_ service: ScriptService) throws {
        try checkRuns(of: service.definition)
        try service.checkProviders()
        for provider in service.secrets.providers ?? [] {
            let place = "storage_providers.\(provider.name)"
            let url: OutboundURL
            do { url = try outbound.check(provider.endpoint) } catch {
                throw ScriptService.fault("\(place).endpoint", error.message)
            }
            guard url.target == "/" else {
                throw ScriptService.fault("\(place).endpoint", "must be a scheme, a host and a port, without a path")
            }
            guard provider.verify || url.scheme == .http else {
                throw ScriptService.fault(
                    "\(place).verify",
                    "must be true: certificates are always checked; the agent's machine can be told to trust the store's"
                )
            }
        }
    }

    private func cancelJobs(of record: ServiceRecord) async throws {
        for state in [JobState.scheduled, .running] {
            var filter = JobFilter(serviceRow: record.id, state: state, limit: 200)
            while case let jobs = try await store.jobs(of: record.owner, filter), let last = jobs.last {
                for job in jobs { _ = try await store.cancel(job.id) }
                filter.before = last.id
            }
        }
    }

    /// The services of scripts that a caller may see: his own, or all to an admin.
    package func scripts(for caller: Account) async throws -> [ServiceRecord] {
        try caller.need(.provider)
        let records = try await store.services(of: .oscar, after: 0, limit: .max)
        return records.filter { caller.isAdmin || $0.owner == caller.id }
    }

    /// - Throws: `unknownResource`, also for what is not the caller's.
    package func script(named name: String, for caller: Account) async throws -> ServiceRecord {
        guard let record = try await store.service(named: name), record.dialect == .oscar,
            caller.isAdmin || record.owner == caller.id
        else { throw Refusal.unknownService(name) }
        return record
    }

    package func token(of service: ServiceRecord) -> String {
        mint.serviceToken(of: service)
    }

    /// What running the scripts of a service takes.
    package func scriptEnvironment(_ service: Int64) async throws -> ScriptEnvironment {
        let record = try await store.service(id: service)
        let secrets = try secrets(of: record)
        return ScriptEnvironment(
            token: token(of: record),
            secrets: secrets.variables ?? [:],
            providers: secrets.providers ?? []
        )
    }

    /// The stores of others that a service names; for those only who may see the service as its owner does.
    package func storageProviders(of service: ServiceRecord) throws -> [StorageProvider] {
        try secrets(of: service).providers ?? []
    }

    private func secrets(of service: ServiceRecord) throws -> ServiceSecrets {
        guard let sealed = service.secrets else { return ServiceSecrets() }
        return try ServiceSecrets(try JSON(parsing: try key.open(sealed, for: .serviceSecrets)))
    }

    private func seal(_ secrets: ServiceSecrets) throws -> Data? {
        secrets.isEmpty ? nil : try key.seal(secrets.document.bytes(), for: .serviceSecrets)
    }

    /// What admits to a service is remembered with it.
    private func forgetScripts() {
        catalogue.forget()
        credentials.forget()
    }
}

extension ServiceRecord {
    /// What its token is derived from.
    var tokenContext: [UInt8] { Array("\(id) \(tokenGeneration)".utf8) }
}
