import InvokeModel
import InvokeStore
import Synchronization

/// Whether the agent is on its way out, and when its store was last seen to take writes.
package final class Lifecycle: Sendable {
    private struct State {
        var isDraining = false
        var written: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Whether requests are sent away.
    package var isDraining: Bool { state.withLock(\.isDraining) }

    package func beginDraining() { state.withLock { $0.isDraining = true } }

    /// Whether the store has taken a write in the last five seconds, as far as anybody asked.
    fileprivate var hasWrittenLately: Bool {
        guard let written = state.withLock(\.written) else { return false }
        return ContinuousClock.now - written < .seconds(5)
    }

    fileprivate func noteWrite() { state.withLock { $0.written = .now } }
}

extension Agent {
    /// Whether the agent takes work (reliability promise O4).
    /// - Throws: `draining`, or `storageUnavailable` when the disk is nearly full or the store takes no writes.
    package func checkReady() async throws {
        guard !lifecycle.isDraining else { throw Refusal.draining }
        try store.disk.checkRoom()
        guard !lifecycle.hasWrittenLately else { return }
        try await store.writeTime()
        lifecycle.noteWrite()
    }
}
