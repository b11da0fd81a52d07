import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeWire
import NIOCore

/// One request to one route, as its handler sees it.
struct Call: Sendable {
    let request: Request
    let context: AgentContext
    let agent: Agent
    /// Who calls; nil without credentials.
    let caller: Account?

    /// The caller of a route that needs one.
    func account() throws -> Account {
        guard let caller else { throw Refusal.unauthenticated }
        return caller
    }

    /// A part of the path, percent-decoded; one that can't be decoded or hides a NUL stays as it is, and names nothing.
    func parameter(_ name: String) -> String {
        let text = context.coreContext.parameters.get(name) ?? ""
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        guard let decoded = text.removingPercentEncoding, !decoded.utf8.contains(0) else { return text }
        return decoded
    }

    /// The id or DID in the path; a DID written with a raw slash has fallen into two parts.
    var reference: String {
        let (first, second) = (parameter("id"), parameter("asset"))
        return second.isEmpty ? first : "\(first)/\(second)"
    }

    func query(_ name: String) -> String? {
        request.uri.queryParameters[Substring(name)].map(String.init)
    }

    /// What to look for: a text of the query as forms send it, nil when nobody has filled it in.
    func text(_ name: String) -> String? {
        let value = FormFields.read(request.uri.query ?? "").first { $0.name == name }?.value
        return value?.isEmpty == true ? nil : value
    }

    /// A whole number of the query.
    /// - Throws: `invalidParameter` for anything else, and outside of the range.
    func number(_ name: String, in range: ClosedRange<Int>, default defaultValue: Int) throws -> Int {
        guard let text = query(name) else { return defaultValue }
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(
                .invalidParameter,
                "The query parameter \"\(name)\" must be a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound), not \"\(text.prefix(40))\"."
            )
        }
        return number
    }

    func header(_ name: HTTPField.Name) -> String? {
        request.headers.value(of: name).map(\.trimmingSpaces).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The whole body.
    /// - Throws: `bodyTooLarge`.
    func body(limit: Int) async throws -> [UInt8] {
        if let length = request.headers.value(of: .contentLength).flatMap(Int.init), length > limit {
            throw Self.tooLarge(limit)
        }
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= limit else { throw Self.tooLarge(limit) }
            buffer.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(.bodyTooLarge, "The request body is larger than the \(limit) bytes that this route takes.")
    }

    /// The body as a JSON document.
    /// - Throws: `unsupportedMediaType`, `bodyTooLarge`, `malformedJSON`, `tooComplex`.
    func json(limit: Int = 1 << 20) async throws -> JSON {
        try need(["application/json"])
        let bytes = try await body(limit: limit)
        do { return try JSON(parsing: bytes) } catch { throw Refusal(error) }
    }

    /// The media type of the body without its parameters, in lower case; nil when the request names none.
    var mediaType: String? {
        request.headers.value(of: .contentType).map { $0.prefix { $0 != ";" }.lowercased().trimmingSpaces }
    }

    /// - Throws: `unsupportedMediaType` unless the body is of one of the types, or of none.
    func need(_ types: [String]) throws {
        if let given = request.headers.value(of: .contentType), types.contains(given) { return }
        guard let mediaType, !types.contains(mediaType), !mediaType.hasSuffix("+json") else { return }
        throw Refusal(
            .unsupportedMediaType,
            "The body is \(mediaType.prefix(80)); this route takes \(types.joined(separator: " or ")). Name it in "
                + "`Content-Type` (with curl: --json, or -H 'Content-Type: …')."
        )
    }
}

extension HTTPFields {
    /// The value of a field; that of one which was sent several times, joined. Joining is slow, and most are sent once.
    func value(of name: HTTPField.Name) -> String? {
        var found: String?
        for field in self where field.name == name {
            guard found == nil else { return self[name] }
            found = field.value
        }
        return found
    }
}
