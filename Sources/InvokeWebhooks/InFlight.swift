import Synchronization

/// Which deliveries are under way, and to whom: one endpoint never takes the places of all others (W8).
final class InFlight: Sendable {
    private struct State {
        var deliveries: Set<Int64> = []
        var perEndpoint: [String: Int] = [:]
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let atOnce: Int
    private let atOncePerEndpoint: Int

    init(atOnce: Int, atOncePerEndpoint: Int) {
        self.atOnce = atOnce
        self.atOncePerEndpoint = atOncePerEndpoint
    }

    /// The deliveries with a place at this moment.
    var deliveries: Set<Int64> { state.withLock(\.deliveries) }

    /// Whether nobody has to be waited for any longer.
    var isOver: Bool { state.withLock { $0.deliveries.isEmpty || $0.isAbandoned } }

    /// Takes a place for a delivery.
    /// - Returns: false when there is none left.
    func begin(_ delivery: Int64, at endpoint: String) -> Bool {
        state.withLock { state in
            guard state.deliveries.count < atOnce, state.perEndpoint[endpoint, default: 0] < atOncePerEndpoint else {
                return false
            }
            state.deliveries.insert(delivery)
            state.perEndpoint[endpoint, default: 0] += 1
            return true
        }
    }

    func end(_ delivery: Int64, at endpoint: String) {
        state.withLock { state in
            state.deliveries.remove(delivery)
            let left = state.perEndpoint[endpoint, default: 1] - 1
            state.perEndpoint[endpoint] = left > 0 ? left : nil
        }
    }

    /// The time to wait for the last ones is over.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
    }
}
