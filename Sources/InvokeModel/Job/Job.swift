package import struct Foundation.Date

/// One execution of an operation, as its owner may see it.
package struct Job: Sendable {
    package let id: JobID
    /// The operation's asset.
    package let operation: AssetID
    package let operationName: String
    package let serviceName: String
    package let owner: Int64
    /// The owner of the service.
    package let provider: Int64
    /// The job of the orchestration that started it, as long as that is kept; nil for every other job.
    package let parent: JobID?
    package let state: JobState
    /// Input values by name, secrets removed, as JSON text.
    package let inputs: String
    /// Output values by name, as JSON text; present when the job succeeded, and only then. Lists of jobs leave it out.
    package let result: String?
    /// Why the job failed or was cancelled, and only then.
    package let failure: JobFailure?
    /// How many times it has been started.
    package let attempts: Int
    package let progress: JobProgress?
    package let createdAt: Date
    package let startedAt: Date?
    package let endedAt: Date?
    package let deadline: Date
    /// When the job can next be claimed by a worker; nil while it runs and after its end.
    package let claimableAt: Date?

    package init(
        id: JobID,
        operation: AssetID,
        operationName: String,
        serviceName: String,
        owner: Int64,
        provider: Int64,
        parent: JobID?,
        state: JobState,
        inputs: String,
        result: String?,
        failure: JobFailure?,
        attempts: Int,
        progress: JobProgress?,
        createdAt: Date,
        startedAt: Date?,
        endedAt: Date?,
        deadline: Date,
        claimableAt: Date?
    ) {
        self.id = id
        self.operation = operation
        self.operationName = operationName
        self.serviceName = serviceName
        self.owner = owner
        self.provider = provider
        self.parent = parent
        self.state = state
        self.inputs = inputs
        self.result = result
        self.failure = failure
        self.attempts = attempts
        self.progress = progress
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.deadline = deadline
        self.claimableAt = claimableAt
    }
}

/// Why a job did not succeed.
package struct JobFailure: Error, Hashable {
    package let code: ErrorCode
    /// At most 1,000 characters.
    package let text: String

    package init(_ code: ErrorCode, _ text: String) {
        self.code = code
        self.text = String(text.prefix(1000))
    }
}

/// How far a program says it is.
package struct JobProgress: Sendable, Hashable {
    /// 0 to 100.
    package let percent: Int
    package let text: String

    package init(percent: Int, text: String) {
        self.percent = percent
        self.text = text
    }
}
