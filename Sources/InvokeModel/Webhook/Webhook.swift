package import struct Foundation.Date

/// A place where an account hears of its jobs (agent.md §7).
package struct Webhook: Sendable {
    package let id: WebhookID
    /// Canonical, as the outbound guard has checked it.
    package let url: String
    /// What it hears of; nil for everything.
    package let events: [WebhookEvent]?
    /// The one operation whose jobs it hears of; nil for all.
    package let operation: AssetID?
    /// What that operation is called; nil for all.
    package let operationName: String?
    /// The name of that operation's service; nil for all.
    package let serviceName: String?
    package let createdAt: Date
    /// The first failure that no success has followed.
    package let failingSince: Date?
    package let disabled: (since: Date, reason: Reason)?
    /// Deliveries that wait.
    package let pending: Int

    /// Why nothing is sent any more.
    package enum Reason: String, Sendable {
        /// The receiver has answered 410.
        case gone
        /// Nothing has arrived for days.
        case failing
    }

    package init(
        id: WebhookID,
        url: String,
        events: [WebhookEvent]?,
        operation: AssetID?,
        operationName: String?,
        serviceName: String?,
        createdAt: Date,
        failingSince: Date?,
        disabled: (since: Date, reason: Reason)?,
        pending: Int
    ) {
        self.id = id
        self.url = url
        self.events = events
        self.operation = operation
        self.operationName = operationName
        self.serviceName = serviceName
        self.createdAt = createdAt
        self.failingSince = failingSince
        self.disabled = disabled
        self.pending = pending
    }

    /// How many an account may have.
    package static let mostOfAccount = 100
}

/// What can be heard of a job.
package enum WebhookEvent: String, Sendable, CaseIterable {
    case succeeded = "job.succeeded"
    case failed = "job.failed"
    case cancelled = "job.cancelled"
}
