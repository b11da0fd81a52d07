import NIOCore
import Synchronization

/// Looks at the connections of each event loop once a period, all of a loop together: if each had a timer of its own, a
/// thousand quiet ones would wake their loops a thousand times a second.
final class ConnectionRounds: Sendable {
    /// The connections of one loop.
    private final class Round {
        var visits: [ObjectIdentifier: () -> Void] = [:]
        var isScheduled = false
    }

    private let rounds = Mutex<[ObjectIdentifier: NIOLoopBound<Round>]>([:])
    private let period: TimeAmount

    init(period: TimeAmount) { self.period = period }

    /// Has a connection visited, on its loop, until it leaves.
    func join(_ connection: any Channel, visit: @escaping () -> Void) {
        let round = round(of: connection.eventLoop)
        round.value.visits[ObjectIdentifier(connection)] = visit
        if !round.value.isScheduled { schedule(round, on: connection.eventLoop) }
    }

    func leave(_ connection: any Channel) {
        round(of: connection.eventLoop).value.visits[ObjectIdentifier(connection)] = nil
    }

    private func round(of loop: any EventLoop) -> NIOLoopBound<Round> {
        rounds.withLock { rounds in
            if let round = rounds[ObjectIdentifier(loop)] { return round }
            let round = NIOLoopBound(Round(), eventLoop: loop)
            rounds[ObjectIdentifier(loop)] = round
            return round
        }
    }

    private func schedule(_ round: NIOLoopBound<Round>, on loop: any EventLoop) {
        round.value.isScheduled = true
        loop.scheduleTask(in: period) { [self] in
            round.value.isScheduled = false
            // Whoever is visited may leave.
            for visit in Array(round.value.visits.values) { visit() }
            if !round.value.visits.isEmpty { schedule(round, on: loop) }
        }
    }
}
