package import Foundation
import GRDB
import InvokeMigrations
import InvokeModel

/// Everything the agent remembers, in one SQLite file.
///
/// Reads run on a pool of query-only connections; all writes go through one thread that commits them together.
package final class Store: Sendable {
    /// What the store tells of once it is on the disk.
    package let signals = Signals()

    private let database: DatabasePool
    private let commits: CommitQueue
    private let clock: @Sendable () -> Date

    /// Marks a file as ours: "INVK" (SQLite's application_id).
    private static let applicationID: Int32 = 0x494E_564B

    /// Opens the file, creating it when there is none, and brings its schema up to date.
    /// - Throws: `StoreFault` when the file is not ours, damaged or newer, or when it can't be made durable.
    package init(path: String, clock: @escaping @Sendable () -> Date = { Date() }) throws {
        self.clock = clock
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "store"
        let isNew = !FileManager.default.fileExists(atPath: path)
        do {
            if isNew {
                // Made beforehand, because SQLite would let others read it.
                _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            } else {
                try Self.inspect(path)
            }
            database = try DatabasePool(path: path, configuration: configuration)
            if isNew {
                try database.writeWithoutTransaction {
                    try $0.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
                }
            }
            try Self.migrator.migrate(database)
            try Self.makeDurable(database)
        } catch let error as DatabaseError {
            throw StoreFault.damaged(path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
        commits = CommitQueue(database: database)
    }

    /// Commits what waits and closes the file.
    package func close() throws {
        commits.close()
        // So that a copy of the one file is a copy of everything.
        _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try database.close()
    }

    /// The time that goes into rows.
    package var now: Date { clock() }

    /// - Throws: when the store takes no writes.
    package func checkWritable() async throws { try await write { _ in } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw Refusal.storage(error)
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await commits.write(body)
    }

    /// Makes sure that a file is ours to write, on a connection that can't: opening the pool changes the file's
    /// journal mode, whosever file it is.
    private static func inspect(_ path: String) throws {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        try database.read { database in
            let found = try Int32.fetchOne(database, sql: "PRAGMA application_id")
            guard found == applicationID else { throw StoreFault.foreign }
            guard try !migrator.hasBeenSuperseded(database) else { throw StoreFault.newer }
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in Migrations.all {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        return migrator
    }

    /// The pool sets `synchronous = NORMAL` on its writer after every hook, so FULL is set on the opened writer and
    /// read back.
    private static func makeDurable(_ database: DatabasePool) throws {
        try database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            for (pragma, wanted) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
                let found = try String.fetchOne(database, sql: "PRAGMA \(pragma)") ?? "nothing"
                guard found == wanted else { throw StoreFault.notDurable("\(pragma) is \(found), not \(wanted)") }
            }
        }
    }
}

/// Why the store can't be opened.
package enum StoreFault: Error, Equatable {
    case damaged(path: String, reason: String)
    /// A SQLite file, but not one of ours.
    case foreign
    /// Written by a later version of the agent.
    case newer
    /// A row that no version of the agent writes.
    case unreadable(String)
    /// A pragma that durability rests on reads back wrong.
    case notDurable(String)
}

extension Date {
    /// Times are stored as UTC milliseconds.
    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded(.down)) }
}
