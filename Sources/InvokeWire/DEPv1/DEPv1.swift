package import InvokeModel
import OrderedCollections

/// Bodies of DEP v1, as the Starfish clients read them.
package enum DEPv1 {
    /// The answer to an asynchronous start; clients read the id in one spelling or another.
    package static func started(_ id: JobID, _ state: JobState) -> [UInt8] { head(id, state) + "}".utf8 }

    /// A job as it stands: its outputs once it has succeeded, why it has not otherwise.
    ///
    /// The result is JSON of our own writing, so it goes out as it is stored.
    package static func body(of job: JobResult) -> [UInt8] {
        var body = head(job.id, job.state)
        if let result = job.result {
            for name in ["outputs", "results"] {
                body += ",\"\(name)\":".utf8
                body += result.utf8
            }
        }
        if let failure = job.failure {
            let text = JSON.string(failure.text).bytes()
            let pair = Array("\"errorcode\":\(failure.code.rawValue),\"description\":".utf8) + text
            body += ",".utf8
            body += pair
            body += ",\"error\":{".utf8
            body += pair
            body += "}".utf8
        }
        body += job.children.member(word: \.rawValue)
        body += "}".utf8
        return body
    }

    /// A job's id in its three spellings, and its state; the object is left open.
    private static func head(_ id: JobID, _ state: JobState) -> [UInt8] {
        Array("{\"job-id\":\"\(id)\",\"jobid\":\"\(id)\",\"jobId\":\"\(id)\",\"status\":\"\(state.rawValue)\"".utf8)
    }

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
        members["operation_name"] = .string(job.operationName)
        members["service"] = .string(job.serviceName)
        members["parent"] = job.parent.map { .string($0.description) }
        members["attempts"] = .number(JSONNumber(job.attempts))
        if let progress = job.progress {
            members["progress"] = ["percent": .number(JSONNumber(progress.percent)), "text": .string(progress.text)]
        }
        members["created"] = JSON(time: job.createdAt)
        members["started"] = job.startedAt.map(JSON.init(time:))
        members["ended"] = job.endedAt.map(JSON.init(time:))
        members["deadline"] = JSON(time: job.deadline)
        members["waiting"] = details?.waiting.map { .object($0.members) }
        members["history"] = (details?.attempts).map { .array($0.map(body)) }
        if let children = details?.children, !children.isEmpty {
            members["children"] = try JSON(result: String(decoding: children.object(word: \.rawValue), as: UTF8.self))
        }
        return .object(members)
    }

    private static func body(of attempt: AttemptRecord) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "attempt": .number(JSONNumber(attempt.number)), "started": JSON(time: attempt.startedAt),
        ]
        members["ended"] = attempt.endedAt.map(JSON.init(time:))
        members["cause"] = attempt.cause.map(JSON.string)
        members["engine"] = attempt.engine.map { .string($0.rawValue) }
        members["place"] = attempt.place.map(JSON.string)
        return .object(members)
    }
}

extension JobWaiting {
    /// Why a job waits, as its owner reads it.
    var members: OrderedDictionary<String, JSON> {
        var members: OrderedDictionary<String, JSON> = [
            "reason": .string(reason.rawValue), "detail": .string(detail),
        ]
        members["ahead"] = ahead.map { .number(JSONNumber($0)) }
        members["until"] = until.map(JSON.init(time:))
        return members
    }
}
