package import struct Foundation.Date

/// What a job's owner may want to know beyond the job itself.
package struct JobDetails: Sendable {
    /// Why it does not run at the moment; nil while it runs and after its end.
    package let waiting: JobWaiting?
    /// The last attempts, oldest first; at most 20.
    package let attempts: [AttemptRecord]
    /// The children of an orchestration; empty for every other job.
    package let children: [ChildJob]

    package init(waiting: JobWaiting?, attempts: [AttemptRecord], children: [ChildJob]) {
        self.waiting = waiting
        self.attempts = attempts
        self.children = children
    }
}

/// Why a job waits.
package struct JobWaiting: Sendable, Hashable {
    package enum Reason: String, Sendable {
        /// A slot is free; a worker takes the job at any moment.
        case starting
        /// All slots of the service are busy.
        case poolFull = "pool_full"
        /// All slots are busy, and the caller's next slot goes to an older job of his own: callers take turns.
        case fairShare = "fair_share"
        /// The last attempt failed; the next one comes later.
        case retry
    }

    package let reason: Reason
    /// One sentence.
    package let detail: String
    /// How many jobs are served before this one, at most; nil when that says nothing.
    package let ahead: Int?
    /// When the job can be claimed again.
    package let until: Date?

    package init(_ reason: Reason, _ detail: String, ahead: Int? = nil, until: Date? = nil) {
        self.reason = reason
        self.detail = detail
        self.ahead = ahead
        self.until = until
    }
}

/// One attempt at a job, as it went.
package struct AttemptRecord: Sendable {
    /// Counts from 1.
    package let number: Int
    package let startedAt: Date
    package let endedAt: Date?
    /// How it ended, in a word and the reason; nil while it runs.
    package let cause: String?
    /// What runs it, where that goes on without the agent.
    package let engine: Engine?
    /// Where it is and what it waits for, in the words of what runs it.
    package let place: String?

    package init(
        number: Int,
        startedAt: Date,
        endedAt: Date?,
        cause: String?,
        engine: Engine? = nil,
        place: String? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.cause = cause
        self.engine = engine
        self.place = place
    }
}
