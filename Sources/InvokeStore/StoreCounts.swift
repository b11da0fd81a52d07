import Synchronization

/// What the store has counted since it was opened.
package struct StoreTotals: Sendable {
    /// Transactions that reached the disk.
    package var commits = 0
    /// Attempts after which the job was to be tried again.
    package var retries = 0
    /// Attempts that nobody had renewed in time.
    package var rescues = 0
    /// Endings that came too late: another one stood already.
    package var staleEndings = 0
    /// Ended jobs that were removed for their age.
    package var pruned = 0
}

/// Keeps the totals; from any thread.
final class StoreCounts: Sendable {
    private let state = Mutex(StoreTotals())

    var totals: StoreTotals { state.withLock(\.self) }

    func add(_ number: Int, to total: any WritableKeyPath<StoreTotals, Int> & Sendable) {
        state.withLock { $0[keyPath: total] += number }
    }
}
