package import InvokeModel
package import OrderedCollections

/// What a provider is sent for a job that it is to run itself.
package struct ProviderCall: Sendable {
    /// One input as the provider gets it.
    package enum Input: Sendable {
        /// A string or any other JSON value.
        case value(JSON)
        /// Its content is at `url` for as long as the job has not ended.
        case asset(did: String, url: String, size: Int, contentType: String?)
    }

    private let job: JobID
    private let operation: DID
    private let attempt: Int
    private let inputs: OrderedDictionary<String, Input>
    private let completeURL: String
    private let token: String

    /// `attempt` counts from 1; `completeURL` is where the provider can tell of the end later, with `token`.
    package init(
        job: JobID,
        operation: DID,
        attempt: Int,
        inputs: OrderedDictionary<String, Input>,
        completeURL: String,
        token: String
    ) {
        self.job = job
        self.operation = operation
        self.attempt = attempt
        self.inputs = inputs
        self.completeURL = completeURL
        self.token = token
    }

    package var body: JSON {
        [
            "jobid": .string(job.description), "operation": .string(operation.description),
            "attempt": .number(JSONNumber(attempt)), "inputs": .object(inputs.mapValues(\.body)),
            "complete_url": .string(completeURL), "token": .string(token),
        ]
    }
}

extension ProviderCall.Input {
    fileprivate var body: JSON {
        switch self {
        case .value(let value): return value
        case .asset(let did, let url, let size, let contentType):
            var members: OrderedDictionary<String, JSON> = [
                "did": .string(did), "url": .string(url), "size": .number(JSONNumber(size)),
            ]
            members["content_type"] = contentType.map(JSON.string)
            return .object(members)
        }
    }
}
