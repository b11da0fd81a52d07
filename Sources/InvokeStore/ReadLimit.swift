import GRDBSQLite

/// Cuts a read that goes on for more than 5 seconds: for as long, the write-ahead log can't be emptied (promise D9).
final class ReadLimit {
    private let connection: OpaquePointer
    private let end: ContinuousClock.Instant = .now + .seconds(5)
    /// Steps of SQLite's machine between two looks at the clock: microseconds for small rows, more for large ones.
    private static let steps: Int32 = 1_000

    /// Holds from now until the value is gone.
    init(_ connection: OpaquePointer) {
        self.connection = connection
        sqlite3_progress_handler(
            connection,
            Self.steps,
            { limit in
                guard let limit else { return 0 }
                return Unmanaged<ReadLimit>.fromOpaque(limit).takeUnretainedValue().end < .now ? 1 : 0
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit { sqlite3_progress_handler(connection, 0, nil, nil) }
}
