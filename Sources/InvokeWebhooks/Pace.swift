/// When what is sent again may go to each receiver: one request after the other, at a bounded rate, so that a receiver that
/// comes back is not run over by what has waited for it (reliability promise W9).
struct Pace {
    private let interval: Duration
    private var next: [String: ContinuousClock.Instant] = [:]

    /// - Parameter interval: the least time between two requests to one receiver.
    init(interval: Duration) {
        self.interval = interval
    }

    /// The receivers whose time has not come.
    var held: Set<String> { Set(next.keys) }

    func holds(_ queue: String) -> Bool { next[queue] != nil }

    /// How long until one of their times comes; nil when there are none.
    func wait(from now: ContinuousClock.Instant) -> Duration? {
        next.values.min().map { now.duration(to: $0) }
    }

    /// Forgets those whose time has come.
    mutating func release(at now: ContinuousClock.Instant) {
        next = next.filter { $0.value > now }
    }

    /// A request goes to a receiver.
    mutating func send(to queue: String, at now: ContinuousClock.Instant) {
        next[queue] = now + interval
    }
}
