package import InvokeModel
import Synchronization

/// News of what has just been committed. A signal only shortens a wait: the row is the message.
package final class Signals: Sendable {
    /// What somebody has to act on.
    package enum Signal: Sendable {
        /// A job of this service can be claimed.
        case claimable(service: Int64)
        case cancelAsked(JobID)
        /// A service's definition has been replaced.
        case serviceChanged(Int64)
        case deliveryDue
    }

    private struct Waiting {
        var endings: [JobID: [Int: AsyncStream<Never>.Continuation]] = [:]
        var listeners: [Int: AsyncStream<Signal>.Continuation] = [:]
        var nextTicket = 0

        mutating func draw() -> Int {
            nextTicket += 1
            return nextTicket
        }
    }

    private let waiting = Mutex(Waiting())

    /// All signals from now on, for one who acts on them.
    package func listen() -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self)
        let ticket = waiting.withLock { waiting in
            let ticket = waiting.draw()
            waiting.listeners[ticket] = continuation
            return ticket
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.waiting.withLock { $0.listeners.removeValue(forKey: ticket) }
        }
        return stream
    }

    /// Returns when the job ends, when the time is over, or when the calling task is cancelled.
    ///
    /// `isEnded` looks at the job's row. It is asked once the wait is registered, so that no end falls into a gap
    /// between the look and the wait.
    package func waitForEnd(
        of id: JobID,
        atMost limit: Duration,
        clock: any Clock<Duration>,
        unless isEnded: () async throws -> Bool
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let ticket = waiting.withLock { waiting in
            let ticket = waiting.draw()
            waiting.endings[id, default: [:]][ticket] = continuation
            return ticket
        }
        defer {
            waiting.withLock { waiting in
                waiting.endings[id]?[ticket] = nil
                if waiting.endings[id]?.isEmpty == true { waiting.endings[id] = nil }
            }
        }
        if try await isEnded() { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream {} }
            group.addTask { try? await clock.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    func send(_ signal: Signal) {
        let listeners = waiting.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.yield(signal) }
    }

    func jobEnded(_ id: JobID) {
        let endings = waiting.withLock { $0.endings.removeValue(forKey: id) ?? [:] }
        for ending in endings.values { ending.finish() }
    }
}
