package import InvokeModel
import Synchronization

/// News of what has just been committed. A signal only shortens a wait: the row is the message.
package final class Signals: Sendable {
    /// What somebody has to act on.
    package enum Signal: Sendable, Hashable {
        /// Jobs of this service can be claimed.
        case claimable(service: Int64)
        case cancelAsked(JobID)
        /// A service's definition has been replaced.
        case serviceChanged(Int64)
        case deliveryDue
    }

    /// What can be followed.
    package enum Topic: Sendable, Hashable {
        case job(JobID)
        case jobs(ofAccount: Int64)
    }

    private struct Waiting {
        var endings: [JobID: [Int: AsyncStream<Never>.Continuation]] = [:]
        var followers: [Topic: [Int: AsyncStream<Void>.Continuation]] = [:]
        var listeners: [SignalListener] = []
        var nextTicket = 0
        /// Nothing runs any more that could end a job.
        var isStopped = false

        mutating func draw() -> Int {
            nextTicket += 1
            return nextTicket
        }
    }

    private let waiting = Mutex(Waiting())

    /// All signals from now on, for one who acts on them; the same one twice in a row is told once.
    package func listen() -> SignalListener {
        let listener = SignalListener()
        waiting.withLock { $0.listeners.append(listener) }
        return listener
    }

    /// Returns when one of the jobs ends, when the time is over, when waits are stopped, or when the calling task is
    /// cancelled.
    ///
    /// `isEnded` looks at the jobs' rows. It is asked once the wait is registered, so that no end falls into a gap
    /// between the look and the wait.
    package func waitForEnd(
        ofAny ids: [JobID],
        atMost limit: Duration,
        clock: any Clock<Duration>,
        unless isEnded: () async throws -> Bool
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let ticket = waiting.withLock { waiting -> Int? in
            guard !waiting.isStopped else { return nil }
            let ticket = waiting.draw()
            for id in ids { waiting.endings[id, default: [:]][ticket] = continuation }
            return ticket
        }
        guard let ticket else { return }
        defer {
            waiting.withLock { waiting in
                for id in ids {
                    waiting.endings[id]?[ticket] = nil
                    if waiting.endings[id]?.isEmpty == true { waiting.endings[id] = nil }
                }
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

    /// Wakes somebody, until he goes, whenever something of the topic has been committed; finishes his stream when waits
    /// are stopped.
    package func follow(_ topic: Topic, waking follower: AsyncStream<Void>.Continuation) {
        let ticket = waiting.withLock { waiting -> Int? in
            guard !waiting.isStopped else { return nil }
            let ticket = waiting.draw()
            waiting.followers[topic, default: [:]][ticket] = follower
            return ticket
        }
        guard let ticket else { return follower.finish() }
        follower.onTermination = { [weak self] _ in self?.leave(topic, ticket) }
    }

    private func leave(_ topic: Topic, _ ticket: Int) {
        waiting.withLock { waiting in
            waiting.followers[topic]?[ticket] = nil
            if waiting.followers[topic]?.isEmpty == true { waiting.followers[topic] = nil }
        }
    }

    /// Ends all waits for jobs and all following, and what comes at once.
    package func stopWaits() {
        let (endings, followers) = waiting.withLock { waiting in
            waiting.isStopped = true
            defer { (waiting.endings, waiting.followers) = ([:], [:]) }
            return (waiting.endings.values.flatMap(\.values), waiting.followers.values.flatMap(\.values))
        }
        for ending in endings { ending.finish() }
        for follower in followers { follower.finish() }
    }

    func happened(_ topics: Set<Topic>) {
        let followers = waiting.withLock { waiting in
            waiting.followers.isEmpty ? [] : topics.flatMap { waiting.followers[$0]?.values.map(\.self) ?? [] }
        }
        for follower in followers { follower.yield() }
    }

    func send(_ signal: Signal) {
        for listener in waiting.withLock(\.listeners) { listener.hear(signal) }
    }

    func jobEnded(_ id: JobID) {
        let endings = waiting.withLock { $0.endings.removeValue(forKey: id) ?? [:] }
        for ending in endings.values { ending.finish() }
    }
}

/// Hears signals for as long as the store is open. Under load one signal stands for many of the same kind, so hearing
/// them costs the same however many there are.
package final class SignalListener: AsyncSequence, Sendable {
    package typealias Element = Signals.Signal

    private let unheard = Mutex<Set<Signals.Signal>>([])
    private let wakeUps = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    fileprivate func hear(_ signal: Signals.Signal) {
        let isFirst = unheard.withLock { unheard in
            let wasEmpty = unheard.isEmpty
            return unheard.insert(signal).inserted && wasEmpty
        }
        if isFirst { wakeUps.continuation.yield() }
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(listener: self, wakeUps: wakeUps.stream.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let listener: SignalListener
        fileprivate var wakeUps: AsyncStream<Void>.Iterator
        fileprivate var heard: [Signals.Signal] = []

        package mutating func next() async -> Signals.Signal? {
            while heard.isEmpty {
                guard await wakeUps.next(isolation: #isolation) != nil else { return nil }
                heard = listener.unheard.withLock { unheard in
                    defer { unheard.removeAll(keepingCapacity: true) }
                    return Array(unheard)
                }
            }
            return heard.popLast()
        }
    }
}
