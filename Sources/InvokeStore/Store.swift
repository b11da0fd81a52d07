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
    let counts = StoreCounts()
    let rateHistory = RateHistory()

    /// What durability rests on, as the writer's connection has read it back (promise D2).
    package let pragmas: [String: String]

    /// Tells why no more can be written once the disk has failed: the agent must not go on (promise D6).
    package let failures: AsyncStream<String>

    /// The room that is left on the disk.
    package let disk: DiskSpace

    let commits: CommitQueue
    let waitingJobs: WaitingJobs
    let results: ResultReader
    private let database: DatabasePool
    private let clock: @Sendable () -> Date

    /// How long one connection waits for another's lock, in milliseconds (promise D4).
    static let patience: Int32 = 5_000

    /// Marks a file as ours: "INVK" (SQLite's application_id).
    static let applicationID: Int32 = 0x494E_564B

    /// Opens the file, creating it when there is none, and brings its schema up to date.
    /// - Throws: `StoreFault` when the file is not ours, damaged or newer, or when it can't be made durable.
    package init(
        path: String,
        lowWater: DiskSpace.Mark = .usual,
        clock: (@Sendable () -> Date)? = nil
    ) throws {
        let time = SteadyTime()
        self.clock = clock ?? { time.now }
        disk = DiskSpace(folder: (path as NSString).deletingLastPathComponent, mark: lowWater)
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(Double(Self.patience) / 1_000)
        configuration.label = "store"
        let (waitingJobs, news) = (WaitingJobs(), EventNews())
        do {
            if FileManager.default.fileExists(atPath: path) {
                try Self.inspect(path)
            } else {
                try Self.create(path)
            }
            database = try DatabasePool(path: path, configuration: configuration)
            try Self.migrator.migrate(database)
            pragmas = try Self.makeDurable(database)
            try database.writeWithoutTransaction { database in
                try waitingJobs.follow(database)
                try news.follow(database)
            }
            results = try ResultReader(path: path)
        } catch let error as DatabaseError {
            throw StoreFault(error, path: path)
        }
        let (failures, announcement) = AsyncStream.makeStream(of: String.self)
        self.failures = failures
        self.waitingJobs = waitingJobs
        commits = CommitQueue(
            database: database,
            waitingJobs: waitingJobs,
            news: news,
            onClaimable: { [signals] in signals.send(.claimable($0)) },
            onNews: { [signals] in signals.happened($0) },
            onFailure: { announcement.yield($0.description) }
        )
    }

    /// Commits what waits and closes the file.
    package func close() throws {
        commits.close()
        results.close()
        // So that a copy of the one file is a copy of everything.
        _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try database.close()
    }

    /// The time that goes into rows.
    package var now: Date { clock() }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.read { database in
                let limit = ReadLimit(try database.connection)
                return try withExtendedLifetime(limit) { try body(database) }
            }
        } catch {
            throw Refusal.storage(error)
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await commits.write { try body($0.database) }
    }

    /// Makes an empty store under a passing name, and gives it its own once it is whole: a first start that is cut off
    /// leaves nothing that the next one could take for somebody else's.
    private static func create(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path + "-wal") else {
            throw StoreFault.damaged(path: path, reason: "it is missing, though its log is there")
        }
        let draft = path + ".new"
        for leftover in ["", "-journal", "-wal", "-shm"].map({ draft + $0 }) {
            try? FileManager.default.removeItem(atPath: leftover)
        }
        // Made beforehand, because SQLite would let others read it.
        _ = FileManager.default.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600])
        let database = try DatabaseQueue(path: draft)
        try database.writeWithoutTransaction { database in
            // Only before the first table, so that pages that pruning frees can be given back.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            // Already here: changing it later takes a rollback journal, and one that is cut off can't be read by `inspect`.
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        try migrator.migrate(database)
        try database.close()
        // The name lasts before any commit does: SQLite syncs the folder when it makes the log.
        guard rename(draft, path) == 0 else {
            throw StoreFault.notDurable("it can't be given its name: \(String(cString: strerror(errno)))")
        }
    }

    /// Makes sure that a file is ours to write, on a connection that can't: opening the pool changes the file's
    /// journal mode, whosever file it is. Looks at every page of a store that is not large, which takes a fraction of a
    /// second (promise D8).
    private static func inspect(_ path: String) throws {
        let file = try StoreFile(path: path)
        defer { try? file.close() }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        if size <= quicklyChecked { try file.check(thoroughly: false) }
        try checkLog(of: path)
    }

    /// Looks at the log that an earlier run has left.
    /// - Throws: `StoreFault.damaged` when commits in it can't be read any more.
    package static func checkLog(of path: String) throws {
        guard try WriteAheadLog(of: path)?.isDamaged != true else {
            throw StoreFault.damaged(path: path, reason: "its log \(path)-wal is damaged before its end")
        }
    }

    /// Bytes of a file whose pages are all looked at in a fraction of a second.
    package static let quicklyChecked = 64 << 20

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in Migrations.all {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        return migrator
    }

    /// The pool sets `synchronous = NORMAL` on its writer after every hook, so FULL is set on the opened writer and
    /// read back.
    private static func makeDurable(_ database: DatabasePool) throws -> [String: String] {
        try database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let wanted = ["journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"]
            for (pragma, value) in wanted {
                let found = try String.fetchOne(database, sql: "PRAGMA \(pragma)") ?? "nothing"
                guard found == value else { throw StoreFault.notDurable("\(pragma) is \(found), not \(value)") }
            }
            return wanted
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
    /// A copy of the file can't be written.
    case notCopied(path: String, reason: String)
}

extension StoreFault {
    init(_ error: DatabaseError, path: String) {
        self = .damaged(path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }
}

extension Date {
    /// Times are stored as UTC milliseconds.
    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

    package var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded(.down)) }
}
