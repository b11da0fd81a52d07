import GRDB
import GRDBSQLite

/// Moves what is committed from the write-ahead log into the database, so that the log stays small (promise D9).
///
/// Only the writer's thread does so, over the writer's connection: in SQLite before 3.51.3 a second connection that
/// checkpoints can damage the file (promise D3).
final class Checkpointer {
    /// In pages of the log: from where it is emptied as far as readers let it; from where readers are waited for; from
    /// where they are waited for until they have been cut.
    private enum Mark {
        static let usual = 4_000
        static let soft = 16_384
        static let alarm = 32_768
        /// What has to be added to the log before it is tried again.
        static let step = 1_000
    }

    /// In milliseconds: how long readers are waited for at first, and longer than the longest read may take.
    private enum Patience {
        static let least: Int32 = 50
        static let most: Int32 = 6_000
    }

    private let connection: OpaquePointer
    /// Pages of the log after the last commit.
    private var pages = 0
    private var nextTry = Mark.usual
    private var patience = Patience.least

    init(_ connection: OpaquePointer) {
        self.connection = connection
        sqlite3_wal_hook(
            connection,
            { checkpointer, _, _, pages in
                if let checkpointer {
                    Unmanaged<Checkpointer>.fromOpaque(checkpointer).takeUnretainedValue().pages = Int(pages)
                }
                return SQLITE_OK
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit { sqlite3_wal_hook(connection, nil, nil) }

    /// Called after a commit, when nobody waits for it any more.
    /// - Throws: `SQLiteFault` when the database can't be written.
    func tidy() throws(SQLiteFault) {
        if pages < Mark.usual {
            nextTry = Mark.usual
            patience = Patience.least
        }
        guard pages >= nextTry else { return }
        guard pages >= Mark.soft else {
            _ = try checkpoint(SQLITE_CHECKPOINT_PASSIVE, patience: 0)
            nextTry = pages + Mark.step
            return
        }
        if pages >= Mark.alarm { patience = Patience.most }
        let isEmptied = try checkpoint(SQLITE_CHECKPOINT_RESTART, patience: patience)
        // Who reads for longer than the agent lets anybody read is somebody else, and it is no use to wait for him.
        nextTry = isEmptied || patience < Patience.most ? pages + Mark.step : pages + pages / 2
        patience = isEmptied ? Patience.least : min(2 * patience, Patience.most)
    }

    /// `patience` is how long readers are waited for, in milliseconds.
    /// - Returns: false when they have not let go.
    private func checkpoint(_ mode: Int32, patience: Int32) throws(SQLiteFault) -> Bool {
        sqlite3_busy_timeout(connection, patience)
        defer { sqlite3_busy_timeout(connection, Store.patience) }
        let code = sqlite3_wal_checkpoint_v2(connection, nil, mode, nil, nil)
        switch code & 0xFF {
        case SQLITE_OK: return true
        case SQLITE_BUSY: return false
        default: throw SQLiteFault(connection)
        }
    }
}
