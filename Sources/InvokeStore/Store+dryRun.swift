package import Foundation
import GRDB
package import InvokeModel

/// What would become of a job if it were written now.
package struct JobProspect: Sendable {
    /// Everything that `schedule` would refuse it for.
    package let refusals: [Refusal]
    /// Why it would wait at first.
    package let waiting: JobWaiting
    package let deadline: Date
}

extension Store {
    /// Looks at everything that `schedule` decides by, and writes nothing. `slots` is how many jobs of a service run at once
    /// when its definition does not say.
    package func prospect(of job: NewJob, slots: Int) async throws -> JobProspect {
        let now = now.milliseconds
        let full = (disk.isLow ? [DiskSpace.full] : []) + waitingJobs.refusals(of: job)
        return try await read { database in
            // It would be the last of all.
            let place = QueuePlace(job: .max, pool: job.pool, owner: job.owner, claimableAt: now)
            return JobProspect(
                refusals: full + (try job.payments.compactMap { try database.refusal(of: $0, now: now) }),
                waiting: try database.waiting(at: place, slots: slots, now: now),
                deadline: Date(milliseconds: now + job.lifetime.milliseconds)
            )
        }
    }
}
