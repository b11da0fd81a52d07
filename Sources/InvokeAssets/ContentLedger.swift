import InvokeModel
import Synchronization

/// Which contents are in somebody's hands, so that none is removed between its arrival on the disk and the commit of the
/// row that names it.
final class ContentLedger: Sendable {
    private struct State {
        var held: [Hex32: Int] = [:]
        /// Contents that are about to be removed; who brings one meanwhile strikes it off.
        var leaving: Set<Hex32> = []
    }

    private let state = Mutex(State())

    /// Told before a content gets its name.
    func arrives(_ hash: Hex32, isHeld: Bool) {
        state.withLock { state in
            state.leaving.remove(hash)
            if isHeld { state.held[hash, default: 0] += 1 }
        }
    }

    func release(_ hashes: [Hex32]) {
        state.withLock { state in
            for hash in hashes {
                let rest = state.held[hash, default: 0] - 1
                state.held[hash] = rest > 0 ? rest : nil
            }
        }
    }

    /// - Returns: false when somebody holds the content.
    func beginRemoval(of hash: Hex32) -> Bool {
        state.withLock { state in
            guard state.held[hash] == nil else { return false }
            return state.leaving.insert(hash).inserted
        }
    }

    /// Removes the content, unless it has been brought again since `beginRemoval`.
    func endRemoval<Failure: Error>(of hash: Hex32, _ remove: () throws(Failure) -> Void) throws(Failure) -> Bool {
        try state.withLock { state throws(Failure) in
            guard state.leaving.remove(hash) != nil else { return false }
            try remove()
            return true
        }
    }

    func giveUpRemoval(of hash: Hex32) { state.withLock { _ = $0.leaving.remove(hash) } }
}

/// Holds all contents that are brought while it collects, until it ends: then some row should name them.
package final class ContentHold: Sendable {
    @TaskLocal static var current: ContentHold?

    private let ledger: ContentLedger
    private let hashes = Mutex<[Hex32]>([])

    init(_ ledger: ContentLedger) { self.ledger = ledger }

    /// Holds what the calls inside bring.
    package func collect<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        try await Self.$current.withValue(self) { try await body() }
    }

    func add(_ hash: Hex32) { hashes.withLock { $0.append(hash) } }

    package func end() {
        let hashes = hashes.withLock { hashes in
            defer { hashes.removeAll() }
            return hashes
        }
        ledger.release(hashes)
    }

    deinit { end() }
}
