import GRDBSQLite

/// A prepared statement of SQLite's own interface, for the two paths on which every microsecond counts: accepting a job
/// and reading its result. Everything else goes through GRDB.
///
/// It belongs to one connection and is used by one thread at a time.
final class RawStatement {
    private let connection: OpaquePointer
    private let statement: OpaquePointer

    /// What SQLite is told to copy a text or blob at once, because ours is gone after the call.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ sql: String, on connection: OpaquePointer) throws(SQLiteFault) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw SQLiteFault(connection) }
        self.connection = connection
        statement = prepared
    }

    deinit { sqlite3_finalize(statement) }

    func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(statement, index, value) }

    /// Binds a text, or NULL.
    func bind(_ text: String?, at index: Int32) {
        guard var text else {
            sqlite3_bind_null(statement, index)
            return
        }
        text.withUTF8 { bytes in
            // An empty text has no address, which would make it NULL.
            guard let start = bytes.baseAddress else {
                sqlite3_bind_text(statement, index, "", 0, Self.transient)
                return
            }
            start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                _ = sqlite3_bind_text(statement, index, $0, Int32(bytes.count), Self.transient)
            }
        }
    }

    /// - Returns: whether there is a row to read.
    func step() throws(SQLiteFault) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let fault = SQLiteFault(connection)
            sqlite3_reset(statement)
            throw fault
        }
    }

    /// Runs a statement that has no rows.
    /// - Returns: how many rows it has changed.
    @discardableResult
    func run() throws(SQLiteFault) -> Int {
        _ = try step()
        reset()
        return Int(sqlite3_changes(connection))
    }

    /// Ends the reading of rows, and with it the read transaction; the bound values stay.
    func reset() { sqlite3_reset(statement) }

    func integer(_ column: Int32) -> Int64? {
        isNull(column) ? nil : sqlite3_column_int64(statement, column)
    }

    func text(_ column: Int32) -> String? {
        guard !isNull(column), let start = sqlite3_column_text(statement, column) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
}
