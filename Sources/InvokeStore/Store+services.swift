import Foundation
import GRDB
package import InvokeModel

extension Store {
    /// - Throws: `alreadyRegistered` when a live service has the name.
    package func registerService(_ service: NewService, owner: Int64) async throws -> ServiceRecord {
        let now = now.milliseconds
        return try await write { database in
            let id = try database.insert(service, owner: owner, now: now)
            try database.write(service, id: id, owner: owner, now: now)
            try database.makeBuckets(of: service, owner: owner, now: now)
            return try database.service(id: id)
        }
    }

    /// Replaces the definition; operations that it no longer names are retired, replaced ones stay invocable.
    package func replaceService(_ id: Int64, with service: NewService) async throws -> ServiceRecord {
        let now = now.milliseconds
        let record = try await write { database in
            try database.execute(
                sql: """
                    UPDATE services SET asset_id = ?, version = ?, definition = ?, concurrency = ?, engine_slots = ?,
                        queue = ?, secrets = ?, updated_at = ?, token_generation = token_generation + ?
                    WHERE id = ? AND retired_at IS NULL
                    """,
                arguments: [
                    Data(service.asset.id.bytes), service.version, service.definition, service.pool.concurrency,
                    service.pool.storedEngines, service.pool.queue, service.secrets, now, service.keepsToken ? 0 : 1,
                    id,
                ]
            )
            guard database.changesCount == 1 else { throw Refusal.unknownService(service.name) }
            let record = try database.service(id: id)
            try database.execute(sql: "UPDATE operations SET is_current = 0 WHERE service_id = ?", arguments: [id])
            _ = try database.insert(service.asset, owner: record.owner, now: now)
            try database.write(service, id: id, owner: record.owner, now: now)
            try database.makeBuckets(of: service, owner: record.owner, now: now)
            let names = service.operations.map(\.name)
            try database.execute(
                sql: """
                    UPDATE operations SET retired_at = ? WHERE service_id = ? AND retired_at IS NULL
                        AND name NOT IN (SELECT value FROM json_each(?))
                    """,
                arguments: [now, id, JSON.array(names.map(JSON.string)).text]
            )
            return record
        }
        signals.send(.serviceChanged(id))
        return record
    }

    /// Ends a service: its operations can't be invoked any more, its jobs and assets stay.
    package func retireService(_ id: Int64) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.execute(
                sql: "UPDATE services SET retired_at = ? WHERE id = ? AND retired_at IS NULL",
                arguments: [now, id]
            )
            try database.execute(
                sql: "UPDATE operations SET retired_at = ? WHERE service_id = ? AND retired_at IS NULL",
                arguments: [now, id]
            )
            try database.execute(
                sql: """
                    UPDATE listings SET status = 'unpublished', updated_at = ? WHERE status = 'published'
                        AND asset_id IN (SELECT asset_id FROM operations WHERE service_id = ?)
                    """,
                arguments: [now, id]
            )
        }
    }

    package func service(named name: String) async throws -> ServiceRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: ServiceRecord.selection + " WHERE services.name = ? AND retired_at IS NULL",
                arguments: [name]
            ).map(ServiceRecord.init(row:))
        }
    }

    package func service(id: Int64) async throws -> ServiceRecord {
        try await read { try $0.service(id: id) }
    }

    /// The live services in the order of their registration, from after the last one of the page before.
    package func services(
        of dialect: ServiceDialect? = nil,
        after: Int64,
        limit: Int
    ) async throws -> [ServiceRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: ServiceRecord.selection + """
                     WHERE retired_at IS NULL AND services.id > :after AND (:dialect IS NULL OR dialect = :dialect)
                    ORDER BY services.id LIMIT :limit
                    """,
                arguments: ["after": after, "dialect": dialect?.rawValue, "limit": limit]
            ).map(ServiceRecord.init(row:))
        }
    }
}

extension Refusal {
    /// The one answer for a service that is not there, or not to be seen.
    package static func unknownService(_ name: String) -> Refusal {
        Refusal(.unknownResource, "There is no service named \"\(name)\"; GET /services lists them.")
    }

    /// The one answer for a name that a live service has.
    package static func alreadyRegistered(_ name: String) -> Refusal {
        Refusal(
            .alreadyRegistered,
            "A service named \"\(name)\" is registered already. Choose another name, or replace it with "
                + "PUT /services/\(name)."
        )
    }
}

extension Database {
    func service(id: Int64) throws -> ServiceRecord {
        guard
            let row = try Row.fetchOne(
                self,
                sql: ServiceRecord.selection + " WHERE services.id = ?",
                arguments: [id]
            )
        else { throw StoreFault.unreadable("service") }
        return try ServiceRecord(row: row)
    }

    /// Makes an asset that has its content an operation, unless it is one already; its offers on the market stay.
    func makeOperation(_ orchestration: NewService, owner: Int64, now: Int64) throws {
        for operation in orchestration.operations {
            let isLive = try Bool.fetchOne(
                self,
                sql: "SELECT EXISTS (SELECT 1 FROM operations WHERE asset_id = ? AND retired_at IS NULL)",
                arguments: [Data(operation.asset.id.bytes)]
            )
            guard isLive == false else { continue }
            let id = try insert(orchestration, owner: owner, now: now)
            try insert(operation, of: orchestration, id: id, now: now)
        }
    }

    /// - Returns: the service's row.
    /// - Throws: `alreadyRegistered` when a live service has the name.
    fileprivate func insert(_ service: NewService, owner: Int64, now: Int64) throws -> Int64 {
        try execute(
            sql: """
                INSERT INTO services (name, owner_id, asset_id, version, definition, dialect, secrets, concurrency,
                    engine_slots, queue, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
            arguments: [
                service.name, owner, Data(service.asset.id.bytes), service.version, service.definition,
                service.dialect.rawValue, service.secrets, service.pool.concurrency, service.pool.storedEngines,
                service.pool.queue, now, now,
            ]
        )
        guard changesCount == 1 else { throw Refusal.alreadyRegistered(service.name) }
        let id = lastInsertedRowID
        _ = try insert(service.asset, owner: owner, now: now)
        return id
    }

    fileprivate func write(_ service: NewService, id: Int64, owner: Int64, now: Int64) throws {
        for operation in service.operations {
            _ = try insert(operation.asset, owner: owner, now: now)
            try insert(operation, of: service, id: id, now: now)
            try publish(operation.listing, of: operation.asset.id, owner: owner, now: now)
        }
    }
}
