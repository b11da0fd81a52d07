import InvokeModel
import Synchronization

/// The synchronous runs of scripts that are under way or wait, by service: so many and no more wait for each.
final class SynchronousRuns: Sendable {
    private let counts = Mutex<[Int64: Int]>([:])
    private static let longestQueue = 100

    /// Runs the body in a place of the service's.
    /// - Throws: `queueFull` when there is none.
    func run<Value>(
        of service: Int64,
        atOnce: Int,
        _ body: () async throws -> sending Value
    ) async throws -> sending Value {
        try counts.withLock { counts in
            let count = counts[service, default: 0]
            try Self.check(count, atOnce)
            counts[service] = count + 1
        }
        defer {
            counts.withLock { counts in
                let count = counts[service, default: 1] - 1
                counts[service] = count > 0 ? count : nil
            }
        }
        return try await body()
    }

    /// - Throws: `queueFull` when there is no place of the service's now.
    func checkRoom(of service: Int64, atOnce: Int) throws {
        try Self.check(counts.withLock { $0[service, default: 0] }, atOnce)
    }

    private static func check(_ count: Int, _ atOnce: Int) throws {
        guard count < atOnce + Self.longestQueue else {
            throw Refusal(
                .queueFull,
                "\(count) synchronous runs of this service are under way or wait already; try again later, or POST to "
                    + "/job.",
                retryAfter: 1
            )
        }
    }
}
