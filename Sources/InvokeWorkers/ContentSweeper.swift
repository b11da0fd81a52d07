package import InvokeAssets
import InvokeModel
package import InvokeStore
package import Logging
import ServiceLifecycle

/// Removes what the object store has done with: contents that no row names any more, uploads that nobody ends, and events
/// that have been acted on.
///
/// A content is loose once a row ceases to name it. Those that lost their row, or never got it, because the agent was
/// killed are found when it starts.
package struct ContentSweeper: Service {
    private let store: Store
    private let contents: FileContentStore
    private let limits: SweepLimits
    private let logger: Logger

    package init(
        store: Store,
        contents: FileContentStore,
        limits: SweepLimits = SweepLimits(),
        logger: Logger
    ) {
        self.store = store
        self.contents = contents
        self.limits = limits
        self.logger = logger
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            await attempt { try await findLost() }
            while !Task.isCancelled {
                await attempt { try await sweep() }
                try? await Task.sleep(for: limits.interval)
            }
        }
    }

    private func attempt(_ step: () async throws -> Void) async {
        do { try await step() } catch is CancellationError {} catch {
            logger.error("contents not swept", metadata: ["error": "\(error)"])
        }
    }

    /// Looks at all files once.
    package func findLost() async throws {
        for byte in 0...UInt8.max {
            var hashes = try await contents.hashes(beginningWith: byte)[...]
            while !hashes.isEmpty {
                try await store.noteLoose(among: Array(hashes.prefix(100)))
                hashes = hashes.dropFirst(100)
            }
        }
    }

    package func sweep() async throws {
        while try await store.abortUploads(olderThan: limits.uploads) {}
        while try await store.forgetObjectEvents(seenFor: limits.grace, unusedFor: limits.events) {}
        var last: LooseContent?
        while case let loose = try await store.looseContents(for: limits.grace, after: last), !loose.isEmpty {
            var settled: [LooseContent] = []
            for content in loose {
                let isSettled = try await contents.remove(content.hash) { try await store.isNamed(content.hash) }
                if isSettled { settled.append(content) }
            }
            try await store.settle(settled)
            last = loose.last
        }
    }
}

/// How long the object store keeps what it has done with.
package struct SweepLimits: Sendable {
    /// Contents and events that somebody may be about to read.
    package var grace: Duration = .seconds(60)
    /// Uploads that have not ended.
    package var uploads: Duration = .seconds(7 * 24 * 3600)
    /// Events that nobody has acted on.
    package var events: Duration = .seconds(7 * 24 * 3600)
    package var interval: Duration = .seconds(20)

    package init() {}
}
