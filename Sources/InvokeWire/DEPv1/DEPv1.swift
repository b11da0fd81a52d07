package import InvokeModel
import OrderedCollections

/// Bodies of DEP v1, as the Starfish clients read them.
package enum DEPv1 {
    /// The body of a job in v1's words, with the seed's `result` beside (the legacy `GET /jobs/<id>`).
    package static func body(
        of job: Job,
        _ details: JobDetails? = nil,
        operation: DID
    ) throws(JSONFault) -> JSON {
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
        members["waiting"] = details?.waiting.map(body)
        members["history"] = (details?.attempts).map { .array($0.map(body)) }
        return .object(members)
    }

    private static func body(of waiting: JobWaiting) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "reason": .string(waiting.reason.rawValue), "detail": .string(waiting.detail),
        ]
        members["ahead"] = waiting.ahead.map { .number(JSONNumber($0)) }
        members["until"] = waiting.until.map(JSON.init(time:))
        return .object(members)
    }

    private static func body(of attempt: AttemptRecord) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "attempt": .number(JSONNumber(attempt.number)), "started": JSON(time: attempt.startedAt),
        ]
        members["ended"] = attempt.endedAt.map(JSON.init(time:))
        members["cause"] = attempt.cause.map(JSON.string)
        return .object(members)
    }
}
