package import InvokeModel
import Synchronization

/// News of what has just been committed. A signal only shortens a wait: the row is the message.
package final class Signals: Sendable {
    /// What somebody has to act on.
    package enum Signal: Sendable, Hashable {
        /// Jobs of this pool can be claimed.
        case claimable(PoolID)
        case cancelAsked(JobID)
        /// A service's definition has been replaced.
        case serviceChanged(Int64)
        case deliveryDue
    }

    /// What can be followed.
    package enum Topic: Sendable, Hashable {
        case job(JobID)
        case jobs(ofAccount: Int64)
        /// What happens to objects: to all, and to those of one bucket.
        case objects
        case objectsOf(bucket: String)
    }

    /// What somebody waits for.
    private enum News: Hashable {
        case end(JobID)
        /// The provider tells how the job has ended that it runs.
        case completion(JobID)
    }

    private struct Waiting {
        var awaited: [News: [Int: AsyncStream<Never>.Continuation]] = [:]
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
        try await wait(forAny: ids.map(News.end), atMost: limit, clock: clock, unless: isEnded)
    }

    /// The same for the news that a provider has told how a job has ended; `isThere` looks at the row.
    package func waitForCompletion(
        of id: JobID,
        atMost limit: Duration,
        clock: any Clock<Duration>,
        unless isThere: () async throws -> Bool
    ) async throws {
        try await wait(forAny: [.completion(id)], atMost: limit, clock: clock, unless: isThere)
    }

    private func wait(
        forAny news: [News],
        atMost limit: Duration,
        clock: any Clock<Duration>,
        unless isThere: () async throws -> Bool
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let ticket = waiting.withLock { waiting -> Int? in
            guard !waiting.isStopped else { return nil }
            let ticket = waiting.draw()
            for item in news { waiting.awaited[item, default: [:]][ticket] = continuation }
            return ticket
        }
        guard let ticket else { return }
        defer {
            waiting.withLock { waiting in
                for item in news {
                    waiting.awaited[item]?[ticket] = nil
                    if waiting.awaited[item]?.isEmpty == true { waiting.awaited[item] = nil }
                }
            }
        }
        if try await isThere() { return }
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
        let (waits, followers) = waiting.withLock { waiting in
            waiting.isStopped = true
            defer { (waiting.awaited, waiting.followers) = ([:], [:]) }
            return (waiting.awaited.values.flatMap(\.values), waiting.followers.values.flatMap(\.values))
        }
        for wait in waits { wait.finish() }
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

    func jobEnded(_ id: JobID) { tell(.end(id)) }

    func jobCompleted(_ id: JobID) { tell(.completion(id)) }

    private func tell(_ news: News) {
        let waits = waiting.withLock { $0.awaited.removeValue(forKey: news) ?? [:] }
        for wait in waits.values { wait.finish() }
    }
}
