/// What "get the result of a job" tells: the part of a job that is read more often than all others.
package struct JobResult: Sendable {
    package let id: JobID
    package let owner: Int64
    package let state: JobState
    /// Output values by name, as JSON text; present when the job succeeded, and only then.
    package let result: String?
    /// Why the job failed or was cancelled, and only then.
    package let failure: JobFailure?
    /// The children of an orchestration, in the order of their definition; empty for every other job.
    package let children: [ChildJob]

    package init(
        id: JobID,
        owner: Int64,
        state: JobState,
        result: String? = nil,
        failure: JobFailure? = nil,
        children: [ChildJob] = []
    ) {
        self.id = id
        self.owner = owner
        self.state = state
        self.result = result
        self.failure = failure
        self.children = children
    }
}
