package import struct Foundation.Date

/// One child of an orchestration's job, and the job that it has become.
package struct ChildJob: Sendable {
    package let name: String
    /// nil as long as it has not been started.
    package let id: JobID?
    package let state: JobState
    /// Output values by name, as JSON text; present when it succeeded, unless all children's together are too long.
    package let result: String?
    /// Why it failed or was cancelled, and only then.
    package let failure: JobFailure?

    package init(name: String, id: JobID?, state: JobState, result: String? = nil, failure: JobFailure? = nil) {
        self.name = name
        self.id = id
        self.state = state
        self.result = result
        self.failure = failure
    }
}

/// A child about to be started, whose inputs have all come.
package struct ChildInvocation: Sendable {
    package let parent: JobID
    package let name: String
    /// The operation's id or DID.
    package let operation: String
    package let inputs: JSON
    /// The assets among the inputs of the parent, which are paid for.
    package let paid: [AssetID]
    package let owner: AccountID
    /// The parent's.
    package let deadline: Date

    package init(
        parent: JobID,
        name: String,
        operation: String,
        inputs: JSON,
        paid: [AssetID],
        owner: AccountID,
        deadline: Date
    ) {
        self.parent = parent
        self.name = name
        self.operation = operation
        self.inputs = inputs
        self.paid = paid
        self.owner = owner
        self.deadline = deadline
    }
}
