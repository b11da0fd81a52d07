import struct Foundation.Data
package import InvokeModel
package import InvokeStore
import InvokeWire
import OrderedCollections

/// A service that runs a script, ready to be called.
package struct RegisteredScript: Sendable {
    package let record: ServiceRecord
    /// What was registered, as it is kept.
    package let source: JSON
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
        try checkRuns(of: service.definition)
        _ = try await store.registerService(
            try newService(
                service.definition,
                replacing: [],
                dialect: .oscar,
                secrets: try service.secrets.map(seal),
                buckets: try buckets(of: service)
            ),
            owner: caller.id
        )
        forgetScripts()
        return service.definition.name
    }

    /// Replaces a service by a whole new definition; secrets stay when it names none, and its token as it says.
    /// - Throws: what `registerScript` throws, and `unknownResource`.
    package func replaceScript(_ document: JSON, by caller: Account) async throws {
        var service = try ScriptService(document, rules: limits.scripts, reader: definitions)
        let present = try await ownService(service.definition.name, caller, registeredIn: .oscar)
        if service.secrets == nil, present.secrets != nil {
            service = service.naming(secretsOf: try JSON(result: present.definition))
        }
        try checkRuns(of: service.definition)
        let operations = try await store.operations(of: present.id, limit: .max)
        _ = try await store.replaceService(
            present.id,
            with: try newService(
                service.definition,
                replacing: operations,
                dialect: .oscar,
                secrets: try service.secrets.map(seal) ?? present.secrets,
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

    /// The buckets that a service names.
    private func buckets(of service: ScriptService) throws -> [String] {
        var names: OrderedSet<String> = []
        for path in service.paths {
            let name = path.prefix { $0 != "/" }
            guard Bucket.isValid(name: String(name)) else {
                throw Refusal(.invalidServiceDefinition, "\"\(name)\" can't be a bucket's name; see `path`.")
            }
            names.append(String(name))
        }
        return Array(names)
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

    /// What the scripts of a service are told.
    package func scriptEnvironment(_ service: Int64) async throws -> ScriptEnvironment {
        let record = try await store.service(id: service)
        let secrets = try record.secrets.map { try JSON(parsing: try key.open($0, for: .serviceSecrets)) }
        return ScriptEnvironment(
            token: token(of: record),
            secrets: (secrets?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.string }
        )
    }

    private func seal(_ secrets: [String: String]) throws -> Data {
        let members = secrets.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        return try key.seal(
            JSON.object(OrderedDictionary(uniqueKeysWithValues: members)).bytes(),
            for: .serviceSecrets
        )
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
