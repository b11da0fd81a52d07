package import Foundation
package import InvokeModel
import OrderedCollections

/// What a webhook is told about the end of a job.
package enum WebhookPayload {
    /// The whole payload's limit: a result that does not fit is left out and fetched from `result_url`.
    package static let maximumBytes = 20 << 10

    /// The bytes that are signed and sent.
    package static func bytes(of job: Job, operation: DID, resultURL: String) throws(JSONFault) -> [UInt8] {
        var data: OrderedDictionary<String, JSON> = [
            "jobid": .string(job.id.description),
            "operation": .string(operation.description),
            "status": .string(job.state.rawValue),
            "sequence": 1,
            "result_url": .string(resultURL),
        ]
        if let failure = job.failure {
            data["errorcode"] = .number(JSONNumber(failure.code.rawValue))
            data["description"] = .string(failure.text)
        }
        guard let text = job.result, text.utf8.count < maximumBytes else { return payload(job, data) }
        let thin = payload(job, data)
        data["result"] = try JSON(result: text)
        let full = payload(job, data)
        return full.count <= maximumBytes ? full : thin
    }

    /// The bytes of a test, which tells of no job.
    package static func test(at time: Date) -> [UInt8] {
        let document: JSON = ["type": "webhook.test", "timestamp": JSON(time: time), "data": ["test": true]]
        return document.bytes()
    }

    private static func payload(_ job: Job, _ data: OrderedDictionary<String, JSON>) -> [UInt8] {
        let document: JSON = [
            "type": .string("job.\(job.state.rawValue)"),
            "timestamp": JSON(time: job.endedAt ?? job.createdAt),
            "data": .object(data),
        ]
        return document.bytes()
    }
}
