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
        let perform: @Sendable (Database) -> (_ failure: (any Error)?) -> Void
        /// Called instead, when there was no transaction to run it in.
        let refuse: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        var isClosed = false
    }

    private let database: DatabasePool
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)

    init(database: DatabasePool) {
        self.database = database
        let thread = Thread { self.run() }
        thread.name = "store-writer"
        thread.start()
    }

    /// Runs a write in the next shared transaction.
    /// - Returns: when that transaction is on the disk.
    /// - Throws: what the body throws, or the reason why the commit failed; the write has not happened then.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(
                perform: { database in
                    let result = Result { try database.undoable(body) }
                    return { failure in
                        continuation.resume(with: failure.map { .failure($0) } ?? result)
                    }
                },
                refuse: { continuation.resume(throwing: $0) }
            )
            let wasEmpty = state.withLock { state -> Bool? in
                guard !state.isClosed else { return nil }
                state.waiting.append(write)
                return state.waiting.count == 1
            }
            switch wasEmpty {
            case true?: arrived.signal()
            case false?: break
            case nil: write.refuse(Refusal.draining)
            }
        }
    }

    /// Commits what waits and ends the thread; later writes are refused.
    func close() {
        let wasOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard wasOpen else { return }
        arrived.signal()
        finished.wait()
    }

    private func run() {
        while true {
            arrived.wait()
            let (batch, isClosed) = state.withLock { state in
                defer { state.waiting.removeAll(keepingCapacity: true) }
                return (state.waiting, state.isClosed)
            }
            if !batch.isEmpty { commit(batch) }
            if isClosed { break }
        }
        finished.signal()
    }

    private func commit(_ batch: [Write]) {
        var endings: [(_ failure: (any Error)?) -> Void] = []
        endings.reserveCapacity(batch.count)
        var failure: (any Error)?
        do {
            try database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for write in batch { endings.append(write.perform(database)) }
                    // SQLite takes back a whole transaction when the disk is full or broken.
                    guard database.isInsideTransaction else { throw Refusal.storageUnavailable }
                    return .commit
                }
            }
        } catch {
            failure = Refusal.storage(error)
        }
        for ending in endings { ending(failure) }
        for write in batch.dropFirst(endings.count) { write.refuse(failure ?? Refusal.storageUnavailable) }
    }
}

extension Database {
    /// Runs a body whose changes are taken back when it throws, and only those.
    fileprivate func undoable<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try inSavepoint {
            value = try body(self)
            return .commit
        }
        guard let value else { throw Refusal.storageUnavailable }
        return value
    }
}

extension Refusal {
    static let draining = Refusal(.draining, "The agent is shutting down; try again shortly.", retryAfter: 5)

    static let storageUnavailable = Refusal(
        .storageUnavailable,
        "The store takes no writes at the moment; try again shortly.",
        retryAfter: 5
    )

    /// What a failed commit or read means to a caller; anything but trouble with the disk is a fault of ours.
    static func storage(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY:
            return Refusal.storageUnavailable
        default: return error
        }
    }
}
