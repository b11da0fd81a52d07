import Glibc
import InvokeModel
import Synchronization

/// How much room is left where the store lies, looked at once a second at most.
///
/// Below the mark no new job is taken, so that there is room for the results of those that run (promise D7).
package final class DiskSpace: Sendable {
    private struct Look {
        var isLow = false
        var nextLook: ContinuousClock.Instant = .now
    }

    private let folder: String
    private let mark: Mark
    private let last = Mutex(Look())

    /// How much has to be left.
    package enum Mark: Sendable, Hashable {
        /// 5 % of the disk, and 200 MiB at least.
        case usual
        case bytes(Int)
    }

    package init(folder: String, mark: Mark) {
        self.folder = folder
        self.mark = mark
    }

    package var isLow: Bool {
        last.withLock { last in
            guard last.nextLook <= .now else { return last.isLow }
            last = Look(isLow: look(), nextLook: .now + .seconds(1))
            return last.isLow
        }
    }

    /// - Throws: `storageUnavailable` while there is less than the mark.
    package func checkRoom() throws {
        guard isLow else { return }
        throw Self.full
    }

    static let full = Refusal(
        .storageUnavailable,
        "The agent's disk is nearly full, so it takes nothing new until there is room again.",
        retryAfter: 5
    )

    private func look() -> Bool {
        guard let room else { return false }
        return room.left < room.mark
    }

    /// Bytes that are left, and that have to be; nil when the system does not tell.
    package var room: (left: Int, mark: Int)? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let unit = Int(status.f_frsize)
        let left = Int(status.f_bavail) * unit
        switch mark {
        case .usual: return (left, max(200 << 20, Int(status.f_blocks) * unit / 20))
        case .bytes(let bytes): return (left, bytes)
        }
    }
}
