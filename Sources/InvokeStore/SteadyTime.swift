import Foundation

/// The time of day as it was at the start, and from then on whatever has truly passed.
///
/// Deadlines, leases and retries are compared with it, so a jump of the machine's clock moves none of them (promise O2).
/// After such a jump stamps differ from the machine's clock until the agent is started again.
struct SteadyTime: Sendable {
    private let start = Date()
    private let origin = ContinuousClock.now

    var now: Date {
        let passed = origin.duration(to: .now).components
        return start.addingTimeInterval(Double(passed.seconds) + Double(passed.attoseconds) / 1e18)
    }
}
