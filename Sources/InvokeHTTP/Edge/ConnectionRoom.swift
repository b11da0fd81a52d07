import Glibc
import HummingbirdCore

/// Whether one more connection may be taken (reliability promise B5).
///
/// Connections leave half of the files alone that the process may have open. Each of them may need one more, for an
/// asset's content, and so do the database and the jobs; Dispatch ends the program when it finds none to open.
struct ConnectionRoom: AvailableConnectionsDelegate {
    private let maximum: Int
    private var open = 0

    init(maximum: Int) { self.maximum = maximum }

    mutating func connectionOpened() { open += 1 }

    mutating func connectionClosed() { open -= 1 }

    func isAcceptingNewConnections() -> Bool {
        // This is asked again when a connection ends: while there is none, one is always taken.
        open == 0 || open < maximum && OpenFiles.isHalfLeft
    }
}

/// The files that the process may have open at once.
package enum OpenFiles {
    /// Raises the limit as far as the system lets a process do it itself, and returns what then holds.
    package static func raiseLimit() -> Int {
        var limit = present
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
        return Self.limit
    }

    /// How many may be open at once.
    static var limit: Int { Int(clamping: present.rlim_cur) }

    static var isHalfLeft: Bool {
        // A new descriptor has the lowest number that is free.
        let number = Glibc.open("/", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return false }
        close(number)
        return number < present.rlim_cur / 2
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var present: rlimit {
        var limit = rlimit()
        getrlimit(resource, &limit)
        return limit
    }
}
