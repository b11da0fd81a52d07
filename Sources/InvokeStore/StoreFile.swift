package import Foundation
import GRDB
import InvokeMigrations
package import InvokeModel

/// The file of a store, read from outside: beside the agent that writes it, or when none does. Nothing here changes it.
package struct StoreFile: Sendable {
    package let path: String
    private let database: DatabaseQueue

    /// Opens the file on a connection that can't write.
    /// - Throws: `StoreFault` when it is not ours, newer than this program, or damaged so that it can't be opened.
    package init(path: String) throws {
        self.path = path
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Double(Store.patience) / 1_000)
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.read { database in
                let found = try Int32.fetchOne(database, sql: "PRAGMA application_id")
                guard found == Store.applicationID else { throw StoreFault.foreign }
                guard try !Store.migrator.hasBeenSuperseded(database) else { throw StoreFault.newer }
                let wanted = try Self.schema(after: try Store.migrator.appliedIdentifiers(database))
                if let lost = wanted.subtracting(try Self.schema(of: database)).map(\.name).min() {
                    throw StoreFault.damaged(path: path, reason: "\(lost) is not defined as it was")
                }
            }
        } catch let error as DatabaseError {
            throw StoreFault(error, path: path)
        }
    }

    package func close() throws { try database.close() }

    /// A table, an index or a trigger. No check of SQLite's looks at what is written of it.
    private struct Definition: Hashable {
        let name: String
        let sql: String
    }

    private static func schema(of database: Database) throws -> Set<Definition> {
        let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        return Set(try Row.fetchAll(database, sql: sql).map { Definition(name: $0["name"], sql: $0["sql"]) })
    }

    /// What migrations make.
    private static func schema(after migrations: Set<String>) throws -> Set<Definition> {
        let database = try DatabaseQueue()
        if let last = Migrations.all.map(\.name).last(where: migrations.contains) {
            try Store.migrator.migrate(database, upTo: last)
        }
        return try database.read(schema)
    }

    /// Looks at every page; `thoroughly` also at whether tables and indexes agree, and at every reference.
    /// - Throws: `StoreFault.damaged`.
    package func check(thoroughly: Bool) throws {
        try read { database in
            let finding = try String.fetchOne(database, sql: "PRAGMA \(thoroughly ? "integrity" : "quick")_check(1)")
            guard finding == "ok" else {
                throw StoreFault.damaged(
                    path: path,
                    reason: (finding ?? "nothing").replacing("\n", with: " ")
                )
            }
            guard thoroughly else { return }
            guard try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") == nil else {
                throw StoreFault.damaged(path: path, reason: "a row names another that is not there")
            }
        }
    }

    /// Writes all that is committed now into a new file, for the agent's user alone: the store as it is at one moment,
    /// however much is written meanwhile. That moment is held for as long as the copy takes. The copy is one file that can
    /// be read from a folder that can't be written.
    /// - Throws: `StoreFault`.
    package func copy(to target: String) throws {
        guard
            FileManager.default.createFile(atPath: target, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw StoreFault.notCopied(path: target, reason: String(cString: strerror(errno))) }
        do {
            let copy = try DatabaseQueue(path: target)
            try database.backup(to: copy)
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try copy.close()
        } catch let error as DatabaseError {
            let isOfSource = [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
            throw isOfSource
                ? StoreFault(error, path: path)
                : .notCopied(path: target, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }

    /// Makes a copy ready to be a store's file.
    /// - Throws: `StoreFault`.
    package static func prepare(_ path: String) throws {
        do {
            let database = try DatabaseQueue(path: path)
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
            try database.close()
        } catch let error as DatabaseError {
            throw StoreFault.notCopied(path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }

    /// The contents that rows name, of those whose hashes begin with a byte, each once.
    package func contents(beginningWith byte: UInt8) throws -> [Hex32] {
        let first = Data([byte] + [UInt8](repeating: 0, count: 31))
        let last = Data([byte] + [UInt8](repeating: 0xFF, count: 31))
        let sql = Store.tablesOfContents.map {
            "SELECT content_hash FROM \($0) WHERE content_hash BETWEEN :first AND :last"
        }
        return try read { database in
            try Data.fetchAll(
                database,
                sql: sql.joined(separator: " UNION ") + " ORDER BY content_hash",
                arguments: ["first": first, "last": last]
            ).map { try Hex32(stored: $0) }
        }
    }

    /// The agent's id, when it was drawn and not configured.
    package func agentID() throws -> AgentID? {
        try read { database in
            try String.fetchOne(database, sql: "SELECT value FROM settings WHERE key = 'agent_id'").flatMap {
                AgentID($0)
            }
        }
    }

    /// How many rows a table of a kind has.
    package func count(_ kind: Kind) throws -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(kind.rawValue)") ?? 0 }
    }

    package enum Kind: String, Sendable, CaseIterable { case accounts, services, assets, jobs }

    /// Steps of the schema that the next start takes.
    package func pendingMigrations() throws -> Int {
        try read { Migrations.all.count - (try Store.migrator.appliedIdentifiers($0)).count }
    }

    /// The latest time that a row bears.
    package func newestTime() throws -> Date? {
        try read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT max(at) FROM (
                        SELECT max(created_at) AS at FROM accounts
                        UNION ALL SELECT created_at FROM (SELECT created_at FROM assets ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT created_at FROM (SELECT created_at FROM jobs ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT at FROM (SELECT at FROM job_events ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'written_at')
                    """
            ).map(Date.init(milliseconds:))
        }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do { return try database.read(body) } catch let error as DatabaseError { throw StoreFault(error, path: path) }
    }
}
