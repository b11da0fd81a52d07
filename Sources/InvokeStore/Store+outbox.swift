import Foundation
import GRDB
package import InvokeModel

/// How much may wait to be told (reliability contract, section 1).
enum OutboxLimits {
    static let pendingOfQueue = 10_000
    static let pending = 100_000
}

extension Store {
    /// Puts an event that is about no job into the queue of a webhook.
    /// - Returns: its id; nil when there is no such webhook.
    /// - Throws: `conflict` when the webhook is disabled, `queueFull` when too much waits for it already.
    package func test(_ id: WebhookID) async throws -> String? {
        let now = now.milliseconds
        let event = try await write { database -> String? in
            guard let webhook = try database.webhookTargets("public_id = ?", [id.description]).first else { return nil }
            try webhook.needEnabled()
            let event = String.drawnEventID()
            guard
                try database.put(Announcement(event: event, job: nil, account: webhook.owner), to: webhook.target, now)
            else { throw Refusal(.queueFull, "Too many deliveries wait for the webhook.", retryAfter: 60) }
            return event
        }
        if event != nil { signals.send(.deliveryDue) }
        return event
    }
}

/// An event, and whom it belongs to.
struct Announcement {
    let event: String
    /// nil for a test.
    let job: JobID?
    let account: Int64
}

/// Where an event has to go.
struct DeliveryTarget {
    /// The row of a registered webhook; nil for the URL of one call.
    let webhook: Int64?
    let url: String
    let queue: String
    let isDisabled: Bool

    /// The URL of one call waits with all others to its scheme, host and port.
    init(url: String) {
        webhook = nil
        self.url = url
        queue = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(
            separator: "/"
        )
        isDisabled = false
    }

    fileprivate init(webhook row: Row) {
        webhook = row["id"]
        url = row["url"]
        queue = row["public_id"]
        isDisabled = row["disabled_at"] != nil
    }
}

/// A registered webhook, as far as events are concerned.
struct WebhookTarget {
    let target: DeliveryTarget
    let owner: Int64
    /// Words between blanks; nil for all.
    fileprivate let events: String?

    fileprivate init(row: Row) {
        target = DeliveryTarget(webhook: row)
        owner = row["owner_id"]
        events = row["events"]
    }

    func needEnabled() throws(Refusal) {
        guard target.isDisabled else { return }
        throw Refusal(.conflict, "The webhook is disabled; enable it first.")
    }
}

extension Database {
    /// Puts the end of a job into the outbox, in the transaction that ends it: for the URL of its call, and for the
    /// webhooks of its owner.
    func announce(_ id: JobID, now: Int64) throws {
        let statement = try cachedStatement(
            sql: """
                SELECT state, owner_id, operation_id, webhook_url, webhook_events,
                    EXISTS (SELECT 1 FROM webhooks WHERE owner_id = jobs.owner_id AND removed_at IS NULL) AS has_webhooks
                FROM jobs WHERE id = ? AND (webhook_url IS NOT NULL OR has_webhooks)
                """
        )
        guard let job = try Row.fetchOne(statement, arguments: [id.value]) else { return }
        let word = "job.\(job["state"] as String)"
        var targets: [DeliveryTarget] = []
        if let url = job["webhook_url"] as String?, word.isHeard(in: job["webhook_events"]) {
            targets.append(DeliveryTarget(url: url))
        }
        let owner: Int64 = job["owner_id"]
        if job["has_webhooks"] {
            targets += try webhookTargets(
                "owner_id = ? AND (operation_id IS NULL OR operation_id = ?)",
                [owner, job["operation_id"] as Int64]
            ).filter { word.isHeard(in: $0.events) }.map(\.target)
        }
        guard !targets.isEmpty else { return }
        let announcement = Announcement(event: .drawnEventID(), job: id, account: owner)
        for target in targets { try put(announcement, to: target, now) }
    }

    func webhookTargets(_ condition: String, _ arguments: StatementArguments) throws -> [WebhookTarget] {
        let statement = try cachedStatement(
            sql: "SELECT * FROM webhooks WHERE removed_at IS NULL AND \(condition) ORDER BY id"
        )
        return try Row.fetchAll(statement, arguments: arguments).map(WebhookTarget.init(row:))
    }

    /// How many more may wait for one receiver.
    func room(inQueue name: String) throws -> Int {
        let statement = try cachedStatement(
            sql: """
                SELECT min(:queue - coalesce((SELECT pending FROM delivery_queues WHERE name = :name), 0), :all - pending)
                FROM outbox
                """
        )
        let limits: StatementArguments = [
            "queue": OutboxLimits.pendingOfQueue, "all": OutboxLimits.pending, "name": name,
        ]
        return max(0, try Int.fetchOne(statement, arguments: limits) ?? 0)
    }

    /// Writes what has to be delivered; where it can't wait, as a dead letter, so that it is never lost.
    /// - Returns: whether it waits.
    @discardableResult
    fileprivate func put(_ announcement: Announcement, to target: DeliveryTarget, _ now: Int64) throws -> Bool {
        let reason: DeliveryRecord.Reason? =
            target.isDisabled ? .disabled : try room(inQueue: target.queue) == 0 ? .full : nil
        let waits = reason == nil
        try executeCached(
            sql: """
                INSERT INTO deliveries (event_id, job_id, webhook_id, account_id, url, queue, state, reason,
                    next_attempt_at, created_at, ended_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                announcement.event, announcement.job?.value, target.webhook, announcement.account, target.url,
                target.queue, (waits ? DeliveryRecord.State.pending : .dead).rawValue, reason?.rawValue,
                waits ? now : nil, now, waits ? nil : now,
            ]
        )
        return waits
    }
}

extension String {
    fileprivate static func drawnEventID() -> String {
        "msg_" + (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
    }

    /// Whether a list of words names this one; no list names all.
    fileprivate func isHeard(in words: String?) -> Bool {
        words.map { $0.split(separator: " ").contains { $0 == self } } ?? true
    }
}
