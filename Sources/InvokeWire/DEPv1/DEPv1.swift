package import InvokeModel
import OrderedCollections

/// Bodies of DEP v1, as the Starfish clients read them.
package enum DEPv1 {
    /// The body of a job in v1's words, with the seed's `result` beside (the legacy `GET /jobs/<id>`).
    package static func body(of job: Job, operation: DID) throws(JSONFault) -> JSON {
        let id = JSON.string(job.id.description)
        var members: OrderedDictionary<String, JSON> = [
            "job-id": id, "jobid": id, "jobId": id,
            "status": .string(job.state.rawValue),
        ]
        if let text = job.result {
            let result = try JSON(result: text)
            members["outputs"] = result
            members["results"] = result
            members["result"] = result
        }
        if let failure = job.failure {
            let code = JSON.number(JSONNumber(failure.code.rawValue))
            members["errorcode"] = code
            members["description"] = .string(failure.text)
            members["error"] = ["errorcode": code, "description": .string(failure.text)]
        }
        members["operation"] = .string(operation.description)
        members["service"] = .string(job.serviceName)
        members["attempts"] = .number(JSONNumber(job.attempts))
        if let progress = job.progress {
            members["progress"] = ["percent": .number(JSONNumber(progress.percent)), "text": .string(progress.text)]
        }
        members["created"] = JSON(time: job.createdAt)
        members["started"] = job.startedAt.map(JSON.init(time:))
        members["ended"] = job.endedAt.map(JSON.init(time:))
        members["deadline"] = JSON(time: job.deadline)
        return .object(members)
    }
}
