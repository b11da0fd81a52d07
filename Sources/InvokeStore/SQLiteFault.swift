import GRDB
import GRDBSQLite
import Glibc
package import InvokeModel

/// What SQLite said when something failed.
struct SQLiteFault: Error, CustomStringConvertible {
    /// The extended result code.
    let code: Int32
    /// The system's error number at the time; 0 when it had no part in it.
    let systemError: Int32
    let description: String

    /// Reads the last fault of a connection.
    init(_ connection: OpaquePointer) {
        code = sqlite3_extended_errcode(connection)
        systemError = sqlite3_system_errno(connection)
        description = String(cString: sqlite3_errmsg(connection))
    }
}

extension SQLiteFault {
    /// Whether the disk has failed, so that nobody can tell any more what is on it (promise D6); a full one has not.
    var isDiskFailure: Bool {
        code & 0xFF == SQLITE_IOERR && ![ENOSPC, EDQUOT].contains(systemError) && code != Self.noRoomForIndex
    }

    /// SQLITE_IOERR_SHMSIZE: the index of the write-ahead log could not grow.
    private static let noRoomForIndex = SQLITE_IOERR | 19 << 8
}

extension Refusal {
    package static let draining = Refusal(.draining, "The agent is shutting down; try again shortly.", retryAfter: 5)

    static let storageUnavailable = Refusal(
        .storageUnavailable,
        "The store takes no writes at the moment; try again shortly.",
        retryAfter: 5
    )

    /// What a failed commit or read means to a caller; anything but trouble with the disk is a fault of ours.
    static func storage(_ error: any Error) -> any Error {
        let code: Int32
        switch error {
        case let error as SQLiteFault: code = error.code & 0xFF
        case let error as DatabaseError: code = error.resultCode.rawValue
        default: return error
        }
        switch code {
        case SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_INTERRUPT:
            return Refusal.storageUnavailable
        default: return error
        }
    }
}
