package import Foundation
import GRDB
package import InvokeModel

/// Which deliveries of a webhook are to be sent again.
package enum ReplayRange: Sendable, Hashable {
    /// One event, whatever has become of it.
    case event(String)
    /// The events from a time on and before another; of one state, or of any.
    case times(from: Date, until: Date, DeliveryRecord.State?)
}

/// What a replay has put back.
package struct Replay: Sendable, Hashable {
    package let count: Int
    /// Whether there was no room for all: the later ones are still to be replayed.
    package let isCut: Bool
}

extension Store {
    /// Puts deliveries of a webhook back into its queue, under their ids and in their order, as far as there is room; they
    /// have the whole schedule again.
    /// - Returns: nil when there is no such webhook.
    /// - Throws: `conflict` when it is disabled.
    package func replay(_ range: ReplayRange, to id: WebhookID) async throws -> Replay? {
        let now = now.milliseconds
        let replay = try await write { database -> Replay? in
            guard let webhook = try database.webhookTargets("public_id = ?", [id.description]).first else { return nil }
            try webhook.needEnabled()
            let room = try database.room(inQueue: webhook.target.queue)
            let (condition, arguments) = range.condition
            // What waits needs no room, and may be sent at once.
            try database.execute(
                sql: """
                    UPDATE deliveries SET next_attempt_at = :now
                    WHERE webhook_id = :webhook AND state = 'pending' AND \(condition)
                    """,
                arguments: arguments + ["now": now, "webhook": webhook.target.webhook]
            )
            let hurried = database.changesCount
            try database.execute(
                sql: """
                    UPDATE deliveries SET state = 'pending', reason = NULL, attempts = 0, is_paced = 1,
                        next_attempt_at = :now, ended_at = NULL
                    WHERE id IN (SELECT id FROM deliveries
                        WHERE webhook_id = :webhook AND state != 'pending' AND \(condition) ORDER BY id LIMIT :room)
                    """,
                arguments: arguments + ["now": now, "webhook": webhook.target.webhook, "room": room]
            )
            let replayed = database.changesCount
            return Replay(count: hurried + replayed, isCut: replayed == room)
        }
        if let replay, replay.count > 0 { signals.send(.deliveryDue) }
        return replay
    }
}

extension ReplayRange {
    fileprivate var condition: (sql: String, arguments: StatementArguments) {
        switch self {
        case .event(let event): ("event_id = :event", ["event": event])
        case .times(let from, let until, let state):
            (
                "created_at >= :from AND created_at < :until AND state = coalesce(:state, state)",
                ["from": from.milliseconds, "until": until.milliseconds, "state": state?.rawValue]
            )
        }
    }
}
