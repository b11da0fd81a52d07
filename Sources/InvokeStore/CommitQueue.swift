import Dispatch
import Foundation
import GRDB
import InvokeModel
import Synchronization

/// The one writer: a thread that takes all writes that wait and commits them together.
///
/// One commit costs one sync of the disk, however many writes share it; nobody waits for a window to fill, because
/// whatever arrives during one commit makes up the next. A write that throws is undone alone.
final class CommitQueue: Sendable {
    private struct Write: Sendable {
        /// Runs the write in the open transaction; what it returns is called once the commit's fate is known.
        let perform: @Sendable (SharedTransaction) -> (_ failure: (any Error)?) -> Void
        /// Called instead, when there was no transaction to run it in.
        let refuse: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        /// Why nothing is written any more.
        var closed: Refusal?
    }

    /// Jobs that wait, as the writes leave them.
    let waitingJobs: WaitingJobs
    private let news: EventNews

    private let database: DatabasePool
    private let state = Mutex(State())
    private let commits = Atomic<Int>(0)
    private let arrived = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let onClaimable: @Sendable (PoolID) -> Void
    private let onNews: @Sendable (Set<Signals.Topic>) -> Void
    private let onFailure: @Sendable (SQLiteFault) -> Void

    /// `onClaimable` is told after a commit that lets more jobs of a pool wait, `onNews` what a commit has told followers
    /// of; `onFailure` when the disk has failed: then no later write can be trusted, and none is made.
    init(
        database: DatabasePool,
        waitingJobs: WaitingJobs,
        news: EventNews,
        onClaimable: @escaping @Sendable (PoolID) -> Void,
        onNews: @escaping @Sendable (Set<Signals.Topic>) -> Void,
        onFailure: @escaping @Sendable (SQLiteFault) -> Void
    ) {
        self.database = database
        self.waitingJobs = waitingJobs
        self.news = news
        self.onClaimable = onClaimable
        self.onNews = onNews
        self.onFailure = onFailure
        let thread = Thread { self.run() }
        thread.name = "store-writer"
        thread.start()
    }

    /// Commits since the start.
    var commitCount: Int { commits.load(ordering: .relaxed) }

    /// Runs a write in the next shared transaction.
    ///
    /// `undoable` says whether a body that throws may have changed something by then. One that only throws before its
    /// first change, or whose one statement SQLite undoes itself, is spared the savepoint.
    /// - Returns: when that transaction is on the disk.
    /// - Throws: what the body throws, or the reason why the commit failed; the write has not happened then.
    func write<Value: Sendable>(
        undoable: Bool = true,
        _ body: @escaping @Sendable (SharedTransaction) throws -> Value
    ) async throws -> Value {
        // Resumed exactly once: every write is performed and then ended, or refused.
        try await withUnsafeThrowingContinuation { continuation in
            let write = Write(
                perform: { transaction in
                    let result = Result { try transaction.run(undoable: undoable, body) }
                    return { failure in
                        continuation.resume(with: failure.map { .failure($0) } ?? result.mapError(Refusal.storage))
                    }
                },
                refuse: { continuation.resume(throwing: $0) }
            )
            let (isFirst, refusal) = state.withLock { state -> (Bool, Refusal?) in
                guard state.closed == nil else { return (false, state.closed) }
                state.waiting.append(write)
                return (state.waiting.count == 1, nil)
            }
            if isFirst { arrived.signal() }
            if let refusal { write.refuse(refusal) }
        }
    }

    /// Commits what waits and ends the thread; later writes are refused.
    func close() {
        guard refuseFurther(.draining) else { return }
        arrived.signal()
        finished.wait()
    }

    /// - Returns: false when writes had been refused already.
    private func refuseFurther(_ refusal: Refusal) -> Bool {
        state.withLock { state in
            guard state.closed == nil else { return false }
            state.closed = refusal
            return true
        }
    }

    private func run() {
        do {
            // The thread keeps the writing connection to itself for good.
            try database.writeWithoutTransaction { database in
                let transaction = try SharedTransaction(database, waitingJobs, news)
                let checkpointer = Checkpointer(try database.connection)
                var isOpen = true
                while isOpen {
                    arrived.wait()
                    // Where others want this processor, they are about to write too: four times as many share a commit.
                    sched_yield()
                    let batch = state.withLock { state in
                        defer { state.waiting.removeAll(keepingCapacity: true) }
                        isOpen = state.closed == nil
                        return state.waiting
                    }
                    guard !batch.isEmpty else { continue }
                    commit(batch, transaction)
                    do { try checkpointer.tidy() } catch { stop(after: error) }
                }
            }
        } catch {
            // Not even a statement could be prepared.
            refuseWaiting(.storageUnavailable)
        }
        finished.signal()
    }

    private func commit(_ batch: [Write], _ transaction: SharedTransaction) {
        var endings: [(_ failure: (any Error)?) -> Void] = []
        endings.reserveCapacity(batch.count)
        var failure: (any Error)?
        var claimable: Set<PoolID> = []
        do {
            try transaction.begin()
            for write in batch where transaction.isOpen { endings.append(write.perform(transaction)) }
            claimable = try transaction.commit()
            commits.add(1, ordering: .relaxed)
        } catch {
            transaction.rollBack()
            failure = Refusal.storage(error)
            stop(after: error)
        }
        // Before anybody can act on the commit: who stops everything next would leave them asleep.
        onNews(news.take())
        for ending in endings { ending(failure) }
        for pool in claimable { onClaimable(pool) }
        for write in batch.dropFirst(endings.count) { write.refuse(failure ?? Refusal.storageUnavailable) }
    }

    /// Writes nothing any more once the disk has failed, not even what waits already; the thread ends.
    private func stop(after error: any Error) {
        guard let fault = error as? SQLiteFault, fault.isDiskFailure else { return }
        refuseWaiting(.storageUnavailable)
        onFailure(fault)
    }

    private func refuseWaiting(_ refusal: Refusal) {
        _ = refuseFurther(refusal)
        let waiting = state.withLock { state in
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for write in waiting { write.refuse(refusal) }
        arrived.signal()
    }
}
