package import InvokeModel

/// A job about to be scheduled.
package struct NewJob: Sendable {
    package let operation: Int64
    package let pool: PoolID
    package let owner: Int64
    package let room: QueueRoom
    /// Input values by name, secrets removed.
    package let inputs: JSON
    package let lifetime: Duration
    /// What pays for it, one use each.
    package let payments: [JobPayment]
    package let webhookURL: String?
    /// The types of event that the webhook wants; nil for all.
    package let webhookEvents: [String]?
    /// The caller's name for this very request; nil when he gave none.
    package let idempotency: IdempotencyKey?
    /// The names of its children, when it is the job of an orchestration.
    package let children: [String]
    /// Which child of which job it is to be; nil for a caller's own.
    package let place: ChildPlace?

    package init(
        operation: Int64,
        pool: PoolID,
        owner: Int64,
        room: QueueRoom,
        inputs: JSON,
        lifetime: Duration,
        payments: [JobPayment],
        webhookURL: String?,
        webhookEvents: [String]?,
        idempotency: IdempotencyKey? = nil,
        children: [String] = [],
        place: ChildPlace? = nil
    ) {
        self.operation = operation
        self.pool = pool
        self.owner = owner
        self.room = room
        self.inputs = inputs
        self.lifetime = lifetime
        self.payments = payments
        self.webhookURL = webhookURL
        self.webhookEvents = webhookEvents
        self.idempotency = idempotency
        self.children = children
        self.place = place
    }
}

/// How many jobs may wait (reliability contract, section 1).
package struct QueueRoom: Sendable {
    package var ofService: Int
    package var ofCaller: Int
    package var ofAgent: Int

    package init(ofService: Int, ofCaller: Int = .max, ofAgent: Int = .max) {
        self.ofService = ofService
        self.ofCaller = ofCaller
        self.ofAgent = ofAgent
    }
}
