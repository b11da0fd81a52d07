import Foundation

/// When a failed delivery is tried again (reliability promise W6).
package struct RetrySchedule: Sendable {
    /// The waits after the first attempt, the second, and so on; after one more attempt it is given up.
    let delays: [Duration]

    /// The longest wait that a receiver can ask for with `Retry-After` (W5).
    static let longestAsked = Duration.seconds(3600)

    package init(delays: [Duration]) {
        self.delays = delays
    }

    /// Ten attempts over three days.
    package static let standard = RetrySchedule(
        delays: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) }
    )

    /// The time of the next attempt: the scheduled wait ±10 %, or what the receiver asked for when that is longer.
    /// - Parameters:
    ///   - attempts: how many have failed, at least 1.
    ///   - asked: the wait that the receiver asked for.
    ///   - now: when the last one failed.
    /// - Returns: nil when it is to be given up.
    func next(afterAttempts attempts: Int, asked: Duration? = nil, now: Date) -> Date? {
        guard delays.indices.contains(attempts - 1) else { return nil }
        let scheduled = delays[attempts - 1] * Double.random(in: 0.9...1.1)
        let wait = max(scheduled, min(asked ?? .zero, Self.longestAsked))
        return now.addingTimeInterval(wait / .seconds(1))
    }
}
