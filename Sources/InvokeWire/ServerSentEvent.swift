package import InvokeModel
import OrderedCollections

/// One message of an event stream (WHATWG HTML, server-sent events).
package struct ServerSentEvent: Sendable {
    /// What a reader that comes back names in `Last-Event-ID`.
    package let id: String
    package let name: String
    package let data: JSON

    package init(id: String, name: String, data: JSON) {
        self.id = id
        self.name = name
        self.data = data
    }

    package var bytes: [UInt8] { Array("event: \(name)\nid: \(id)\ndata: ".utf8) + data.bytes() + Array("\n\n".utf8) }
}

extension ServerSentEvent {
    /// An event of a job's life: `state`, `progress` or `log`. Only the end of the job tells of a result, unless that is
    /// larger than a webhook would carry.
    package init(_ event: LifeEvent, id: String) {
        var data: OrderedDictionary<String, JSON> = ["jobid": .string(event.job.description)]
        switch event.kind {
        case .scheduled: data["status"] = .string(JobState.scheduled.rawValue)
        case .attempt(let number):
            data["status"] = .string(JobState.running.rawValue)
            data["attempt"] = .number(JSONNumber(number))
        case .wait(let time, let cause):
            data["status"] = .string(JobState.running.rawValue)
            data["retry_at"] = JSON(time: time)
            data["cause"] = .string(cause)
        case .progress(let progress):
            data["percent"] = .number(JSONNumber(progress.percent))
            data["text"] = .string(progress.text)
        case .log(let text): data["text"] = .string(text)
        case .end(let job):
            data["status"] = .string(job.state.rawValue)
            if let text = job.result, text.utf8.count < WebhookPayload.maximumBytes {
                data["result"] = try? JSON(result: text)
            }
            if let failure = job.failure {
                data["errorcode"] = .number(JSONNumber(failure.code.rawValue))
                data["description"] = .string(failure.text)
            }
        }
        data["timestamp"] = JSON(time: event.time)
        self.init(id: id, name: event.kind.name, data: .object(data))
    }
}

extension LifeEvent.Kind {
    fileprivate var name: String {
        switch self {
        case .scheduled, .attempt, .wait, .end: "state"
        case .progress: "progress"
        case .log: "log"
        }
    }
}
