package import InvokeModel
import OrderedCollections

/// Bodies of the seed dialect (raw DEP-6).
package enum DEP6 {
    /// The answer to an asynchronous start.
    package static func started(_ id: JobID) -> JSON { ["jobid": .string(id.description)] }

    /// The answer to "Get the result of a job".
    package static func body(of job: Job) throws(JSONFault) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "jobid": .string(job.id.description),
            "status": .string(word(for: job.state)),
        ]
        if let result = job.result { members["result"] = try JSON(result: result) }
        if let failure = job.failure {
            members["errorcode"] = .number(JSONNumber(failure.code.rawValue))
            members["description"] = .string(failure.text)
        }
        return .object(members)
    }

    /// The seed's word for a state.
    package static func word(for state: JobState) -> String {
        switch state {
        case .scheduled: "scheduled"
        case .running: "inprogress"
        case .succeeded: "completed"
        case .failed, .cancelled: "error"
        }
    }
}

extension JSON {
    /// Reads a result as the store keeps it: checked when it was written, so without the limits for strangers.
    package init(result text: String) throws(JSONFault) {
        try self.init(parsing: text, limits: JSONLimits(depth: 64, nodes: .max, keyBytes: .max))
    }
}
