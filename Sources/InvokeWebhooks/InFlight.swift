import Synchronization

/// Which deliveries are under way, and to whom: one receiver never takes the places of all others (reliability promise W8).
final class InFlight: Sendable {
    private struct State {
        var deliveries: Set<Int64> = []
        var perQueue: [String: Int] = [:]
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let atOnce: Int

    init(atOnce: Int) {
        self.atOnce = atOnce
    }

    /// The deliveries with a place at this moment.
    var deliveries: Set<Int64> { state.withLock(\.deliveries) }

    /// Whether nobody has to be waited for any longer.
    var isOver: Bool { state.withLock { $0.deliveries.isEmpty || $0.isAbandoned } }

    /// The queues of which so many deliveries are under way.
    func queues(with places: Int) -> Set<String> {
        state.withLock { Set($0.perQueue.filter { $0.value >= places }.keys) }
    }

    /// Takes a place for a delivery, one of `places` that its queue may have.
    /// - Returns: false when there is none left.
    func begin(_ delivery: Int64, of queue: String, places: Int) -> Bool {
        state.withLock { state in
            guard state.deliveries.count < atOnce, state.perQueue[queue, default: 0] < places else { return false }
            state.deliveries.insert(delivery)
            state.perQueue[queue, default: 0] += 1
            return true
        }
    }

    func end(_ delivery: Int64, of queue: String) {
        state.withLock { state in
            state.deliveries.remove(delivery)
            let left = state.perQueue[queue, default: 1] - 1
            state.perQueue[queue] = left > 0 ? left : nil
        }
    }

    /// The time to wait for the last ones is over.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
    }
}
