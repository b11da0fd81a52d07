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

    /// Between two steps, so that others use the store in the meantime.
    private static let pause: Duration = .milliseconds(100)

    package init(store: Store, keeping limits: KeepLimits, logger: Logger) {
        self.store = store
        self.limits = limits
        self.logger = logger
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
    func sweep() async throws {
        for (state, age) in [
            (JobState.succeeded, limits.succeeded), (.cancelled, limits.succeeded), (.failed, limits.failed),
        ] {
            var place: EndedJob?
            while true {
                var batch = try await store.ended(state, olderThan: age, after: place)[...]
                guard !batch.isEmpty else { break }
                while let last = batch.last {
                    batch = batch.dropFirst(try await store.prune(Array(batch), keeping: limits))
                    place = last
                    try await Task.sleep(for: Self.pause)
                }
            }
        }
        while try await store.pruneWebhooks(keeping: limits) { try await Task.sleep(for: Self.pause) }
        while try await store.forgetExpiredTokens() { try await Task.sleep(for: Self.pause) }
        while try await store.shrink() { try await Task.sleep(for: Self.pause) }
    }

    /// A tenth of the shortest age, so that nothing stays much longer than it should.
    private var interval: Duration {
        max(.seconds(1), min(.seconds(60), min(limits.succeeded, limits.failed) / 10))
    }
}
