package import struct Foundation.Date

/// Something that has happened to a job.
package struct LifeEvent: Sendable {
    package enum Kind: Sendable {
        case scheduled
        /// An attempt has begun; attempts count from 1.
        case attempt(Int)
        /// The attempt has ended and the job has not: another one can begin from then on. The cause is how it ended.
        case wait(until: Date, cause: String)
        case progress(JobProgress)
        /// What the job's programs said: whole lines, unless they are very long.
        case log(String)
        /// The job as it ended.
        case end(Job)
    }

    /// Rises from event to event; 0 for the acceptance of a job.
    package let id: Int64
    package let job: JobID
    package let time: Date
    package let kind: Kind

    package init(id: Int64, job: JobID, time: Date, kind: Kind) {
        self.id = id
        self.job = job
        self.time = time
        self.kind = kind
    }
}
