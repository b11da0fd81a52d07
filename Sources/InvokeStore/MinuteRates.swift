package import Foundation
import Synchronization

/// How many jobs were accepted, and how many ended, within one minute.
package struct MinuteRates: Sendable, Equatable {
    /// The minute's first moment.
    package let start: Date
    package var accepted = 0
    package var succeeded = 0
    package var failed = 0
    package var cancelled = 0

    /// Of any end.
    package var ended: Int { succeeded + failed + cancelled }

    /// Minutes since 1970.
    init(minute: Int64) { start = Date(milliseconds: minute * 60_000) }
}

/// Keeps the rates of minutes that are over, so that each is counted once; from any thread.
final class RateHistory: Sendable {
    private let state = Mutex<[Int64: MinuteRates]>([:])

    /// By minutes since 1970.
    var minutes: [Int64: MinuteRates] { state.withLock(\.self) }

    /// Notes minutes, and forgets those before the first that is still asked for.
    func note(_ minutes: [Int64: MinuteRates], from first: Int64) {
        state.withLock { known in
            known.merge(minutes) { before, _ in before }
            known = known.filter { $0.key >= first }
        }
    }
}
