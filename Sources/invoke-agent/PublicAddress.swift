import ServiceLifecycle
import Synchronization

/// Where the agent is reached; known for certain once it listens, because the port may be any free one.
final class PublicAddress: Sendable {
    private let url: Mutex<String>
    private let known = AsyncStream.makeStream(of: Never.self)

    /// `expected` is where it will be, if that can be told before.
    init(_ expected: String?) { url = Mutex(expected ?? "") }

    /// Without a final slash.
    var current: String { url.withLock { $0 } }

    func set(_ value: String) {
        url.withLock { $0 = value }
        known.continuation.finish()
    }

    /// The address, once there is one to tell others.
    func reached() async throws -> String {
        while current.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        return current
    }

    /// Returns once the address is known, or when the task is cancelled.
    func wait() async { for await _ in known.stream {} }
}

/// A service that has to tell others where the agent is, and so starts when that is known.
struct OnceReachable<Inner: Service>: Service {
    let address: PublicAddress
    let inner: Inner

    func run() async throws {
        await address.wait()
        try await inner.run()
    }
}
