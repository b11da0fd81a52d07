/// How far somebody has followed events: what he names to go on from there (`Last-Event-ID`).
package protocol EventPlace: Sendable, CustomStringConvertible {
    /// Reads what `description` has written.
    init?(_ text: String)

    /// Notes that an event has been read.
    mutating func pass(_ event: LifeEvent)
}

/// A place among the events of one job.
package struct JobPlace: EventPlace, Hashable {
    /// The last event that has been read; nil before the first.
    package private(set) var event: Int64?

    /// Before the first event.
    package init() {}

    package init?(_ text: String) {
        guard let event = Int64(text), event >= 0 else { return nil }
        self.event = event
    }

    package mutating func pass(_ event: LifeEvent) { self.event = event.id }

    package var description: String { "\(event ?? 0)" }
}

/// A place among the events of all jobs of an account.
package struct FeedPlace: EventPlace, Hashable {
    /// The newest job that has been read.
    package private(set) var job: JobID
    /// The last event that has been read, acceptances aside.
    package private(set) var event: Int64

    package init(job: JobID, event: Int64) {
        self.job = job
        self.event = event
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let job = JobID(String(parts[0])), let event = Int64(parts[1]), event >= 0 else {
            return nil
        }
        self.init(job: job, event: event)
    }

    package mutating func pass(_ event: LifeEvent) {
        if case .scheduled = event.kind { job = event.job } else { self.event = event.id }
    }

    package var description: String { "\(job)-\(event)" }
}
