package import InvokeModel
import OrderedCollections

extension Refusal {
    /// The problem document of a refusal (RFC 9457, with the `errorcode` and `description` of DEP-6).
    ///
    /// It is sent with `status`; `request` is the id of the request, a UUID.
    package func body(status: Int, request: String) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "errorcode": .number(JSONNumber(code.rawValue)),
            "description": .string(message),
            "type": .string("urn:invoke-agent:error:\(code.slug)"),
            "title": .string(code.title),
            "status": .number(JSONNumber(status)),
            "detail": .string(message),
            "instance": .string("urn:uuid:\(request)"),
        ]
        if !violations.isEmpty {
            members["errors"] = .array(violations.map(\.body))
        }
        if let retryAfter { members["retry_after"] = .number(JSONNumber(retryAfter)) }
        return .object(members)
    }
}

extension Violation {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = ["pointer": .string(pointer)]
        members["line"] = line.map { .number(JSONNumber($0)) }
        members["detail"] = .string(detail)
        return .object(members)
    }
}
