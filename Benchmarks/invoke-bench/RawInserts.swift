import ArgumentParser
import Foundation
import GRDBSQLite

/// Copies of a waiting job's row, inserted through SQLite's C API in full batches, each a durable commit.
struct RawInserts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inserts",
        abstract: "Inserts rows into `jobs` of a copy of the agent's store, which holds a job that waits."
    )

    @Argument(help: "The database file.")
    var path: String

    @Option(help: "How long to insert.")
    var seconds: Double

    @Option(help: "Rows per commit.")
    var batch: Int

    func run() throws {
        let database = try RawDatabase(path)
        defer { database.close() }
        for pragma in ["journal_mode = WAL", "synchronous = FULL"] { try database.execute("PRAGMA \(pragma)") }
        let insert = try database.copier(of: "jobs", where: "state = 'scheduled'")
        var (rows, id) = (0, insert.lastID)
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < .seconds(seconds) {
            try database.execute("BEGIN IMMEDIATE")
            for _ in 0..<batch {
                id += 1
                try insert.run(id: id)
            }
            try database.execute("COMMIT")
            rows += batch
        }
        try printLine(["per_second": Double(rows) / ((clock.now - start) / .seconds(1))])
    }
}

/// A connection without anything around it.
private struct RawDatabase {
    private let connection: OpaquePointer

    init(_ path: String) throws {
        var connection: OpaquePointer?
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let connection else {
            throw NotMeasured("\(path) can't be opened")
        }
        self.connection = connection
    }

    func close() { sqlite3_close_v2(connection) }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw fault(sql) }
    }

    func prepare(_ sql: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw fault(sql)
        }
        return statement
    }

    /// Inserts a table's newest row that meets the condition again and again, whatever columns it has.
    func copier(of table: String, where condition: String) throws -> RowCopier {
        let select = try prepare("SELECT * FROM \(table) WHERE \(condition) ORDER BY id DESC LIMIT 1")
        defer { sqlite3_finalize(select) }
        guard sqlite3_step(select) == SQLITE_ROW else { throw NotMeasured("\(table) has no row where \(condition)") }
        let columns = (0..<sqlite3_column_count(select)).map { String(cString: sqlite3_column_name(select, $0)) }
        guard let key = columns.firstIndex(of: "id") else { throw NotMeasured("\(table) has no column id") }
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let insert = try prepare("INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
        for column in columns.indices {
            sqlite3_bind_value(insert, Int32(column) + 1, sqlite3_column_value(select, Int32(column)))
        }
        return RowCopier(
            insert: insert,
            key: Int32(key) + 1,
            lastID: sqlite3_column_int64(select, Int32(key)),
            fault: fault
        )
    }

    private func fault(_ sql: String) -> NotMeasured {
        NotMeasured("\(sql): \(String(cString: sqlite3_errmsg(connection)))")
    }
}

/// A row's values, bound once; only its id changes.
private struct RowCopier {
    let insert: OpaquePointer
    let key: Int32
    let lastID: Int64
    let fault: (String) -> NotMeasured

    func run(id: Int64) throws {
        sqlite3_bind_int64(insert, key, id)
        guard sqlite3_step(insert) == SQLITE_DONE else { throw fault("INSERT") }
        sqlite3_reset(insert)
    }
}
