import InvokeModel
package import InvokeStore
package import Logging
import ServiceLifecycle

/// Removes ended jobs, tests of webhooks and counts of purchase tokens when their time is over, and gives the space back
/// (reliability promise O3).
package struct Pruner: Service {
    private let store: Store
    private let limits: KeepLimits
    private let logger: Logger

    private let pause: Duration

    /// `pause` lies between two steps, so that others use the store in the meantime.
    package init(store: Store, keeping limits: KeepLimits, logger: Logger, pause: Duration = .milliseconds(100)) {
        self.store = store
        self.limits = limits
        self.logger = logger
        self.pause = pause
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await sweep() } catch is CancellationError {
                    break
                } catch {
                    logger.error("ended jobs not pruned", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// One walk through everything that is old enough.
    package func sweep() async throws {
        for (state, age) in limits.ages {
            var place: EndedJob?
            while true {
                var batch = try await store.ended(state, olderThan: age, after: place)[...]
                guard !batch.isEmpty else { break }
                while let last = batch.last {
                    batch = batch.dropFirst(try await store.prune(Array(batch), keeping: limits))
                    place = last
                    try await Task.sleep(for: pause)
                }
            }
        }
        while try await store.pruneWebhooks(keeping: limits) { try await Task.sleep(for: pause) }
        while try await store.forgetExpiredTokens() { try await Task.sleep(for: pause) }
        while try await store.shrink() { try await Task.sleep(for: pause) }
    }

    /// A tenth of the shortest age, so that nothing stays much longer than it should.
    private var interval: Duration {
        max(.seconds(1), min(.seconds(60), min(limits.succeeded, limits.failed) / 10))
    }
}
