/// Where a job stands, in the words of DEP v1. The dialects' own words exist in InvokeWire only.
package enum JobState: String, Sendable, CaseIterable {
    case scheduled, running, succeeded, failed, cancelled

    /// An ended job never changes again: its state, its result and its times stay as they were first read.
    package var isTerminal: Bool {
        switch self {
        case .scheduled, .running: false
        case .succeeded, .failed, .cancelled: true
        }
    }
}

/// What can happen to a job.
package enum JobEvent: String, Sendable, CaseIterable {
    case started, succeeded, failed, cancelled
}

/// An event that the state does not allow.
package struct IllegalMove: Error, Hashable {
    package let from: JobState
    package let event: JobEvent
}

extension JobState {
    /// The state after an event; the store's trigger holds the same table as a second lock.
    /// - Throws: `IllegalMove` for every pair that is not a move.
    package func after(_ event: JobEvent) throws(IllegalMove) -> JobState {
        switch (self, event) {
        case (.scheduled, .started): .running
        case (.running, .succeeded): .succeeded
        case (.scheduled, .failed), (.running, .failed): .failed
        case (.scheduled, .cancelled), (.running, .cancelled): .cancelled
        case (.scheduled, .succeeded),  // it never started
            (.running, .started),  // a retry is a new attempt, not a second start
            (.succeeded, _), (.failed, _), (.cancelled, _):  // ended
            throw IllegalMove(from: self, event: event)
        }
    }
}
