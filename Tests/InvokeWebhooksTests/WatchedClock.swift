/// The continuous clock, telling of every sleep as it begins.
struct WatchedClock: Clock {
    private let base = ContinuousClock()
    private let onSleep: @Sendable (Duration) -> Void

    init(onSleep: @escaping @Sendable (Duration) -> Void) {
        self.onSleep = onSleep
    }

    var now: ContinuousClock.Instant { base.now }
    var minimumResolution: Duration { base.minimumResolution }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        onSleep(base.now.duration(to: deadline))
        try await base.sleep(until: deadline, tolerance: tolerance)
    }
}
