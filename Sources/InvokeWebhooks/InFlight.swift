import Synchronization

/// Which deliveries are under way, and to whom: neither one receiver nor all dead ones
/// together take the places of the others (reliability promise W8).
final class InFlight: Sendable {
    private struct State {
        var deliveries: Set<Int64> = []
        /// Those among them whose receivers fail.
        var toFailing: Set<Int64> = []
        var perQueue: [String: Int] = [:]
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let atOnce, atOnceToFailing: Int

    init(_ limits: DeliveryLimits) {
        atOnce = limits.atOnce
        atOnceToFailing = limits.atOnceToFailing
    }

    /// The deliveries with a place at this moment.
    var deliveries: Set<Int64> { state.withLock(\.deliveries) }

    /// Whether nobody has to be waited for any longer.
    var isOver: Bool { state.withLock { $0.deliveries.isEmpty || $0.isAbandoned } }

    /// The queues of which so many deliveries are under way.
    func queues(with places: Int) -> Set<String> {
        state.withLock { Set($0.perQueue.filter { $0.value >= places }.keys) }
    }

    /// Whether a receiver that fails can be tried.
    var hasRoomForFailing: Bool { state.withLock { $0.toFailing.count < atOnceToFailing } }

    /// Takes a place for a delivery, one of `places` that its queue may have.
    /// - Returns: false when there is none left.
    func begin(_ delivery: Int64, of queue: String, places: Int, isFailing: Bool) -> Bool {
        state.withLock { state in
            guard state.deliveries.count < atOnce, state.perQueue[queue, default: 0] < places,
                !isFailing || state.toFailing.count < atOnceToFailing
            else { return false }
            state.deliveries.insert(delivery)
            if isFailing { state.toFailing.insert(delivery) }
            state.perQueue[queue, default: 0] += 1
            return true
        }
    }

    func end(_ delivery: Int64, of queue: String) {
        state.withLock { state in
            state.deliveries.remove(delivery)
            state.toFailing.remove(delivery)
            let left = state.perQueue[queue, default: 1] - 1
            state.perQueue[queue] = left > 0 ? left : nil
        }
    }

    /// The time to wait for the last ones is over.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
    }
}
