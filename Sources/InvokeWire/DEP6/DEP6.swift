package import InvokeModel

/// Bodies of the seed dialect (raw DEP-6).
package enum DEP6 {
    /// The answer to an asynchronous start.
    package static func started(_ id: JobID) -> [UInt8] { Array("{\"jobid\":\"\(id)\"}".utf8) }

    /// The answer to "Get the result of a job".
    ///
    /// The result is JSON of our own writing, so it goes out as it is stored.
    package static func body(of job: JobResult) -> [UInt8] {
        var body = Array("{\"jobid\":\"\(job.id)\",\"status\":\"\(word(for: job.state))\"".utf8)
        if let result = job.result {
            body += ",\"result\":".utf8
            body += result.utf8
        }
        if let failure = job.failure {
            body += ",\"errorcode\":\(failure.code.rawValue),\"description\":".utf8
            body += JSON.string(failure.text).bytes()
        }
        body += job.children.member(word: word)
        body.append(UInt8(ascii: "}"))
        return body
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
