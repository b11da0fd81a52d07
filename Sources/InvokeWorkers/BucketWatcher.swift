package import InvokeModel
package import InvokeStore
package import Logging
import ServiceLifecycle

/// Acts on what happens to objects, in its order, from where it was left off: an event is passed once its jobs are there.
package struct BucketWatcher: Service {
    private let store: Store
    private let start: @Sendable (ObjectEvent) async throws -> Void
    private let logger: Logger

    /// How long to wait after something that time can cure, such as a full queue.
    private static let pause: Duration = .milliseconds(500)

    package init(
        store: Store,
        logger: Logger,
        start: @escaping @Sendable (ObjectEvent) async throws -> Void
    ) {
        self.store = store
        self.logger = logger
        self.start = start
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            let (news, follower) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            store.signals.follow(.objects, waking: follower)
            follower.yield()
            for await _ in news {
                do {
                    while try await actOnSome() {}
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("events of objects wait", metadata: ["reason": "\(error)"])
                    try? await Task.sleep(for: Self.pause)
                    follower.yield()
                }
            }
        }
        // Waits are stopped before services are; what comes in between is acted on by the next start.
        try? await gracefulShutdown()
    }

    /// - Returns: whether there may be more.
    private func actOnSome() async throws -> Bool {
        let events = try await store.objectEvents(after: try await store.objectEventPlace())
        for event in events {
            try await start(event)
            try await store.passObjectEvents(upTo: event.id)
        }
        return !events.isEmpty
    }
}
