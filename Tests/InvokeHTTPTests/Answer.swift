import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeModel
import NIOCore
import Testing

/// An answer of the agent, read.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]
    /// The body; `null` when it is no JSON.
    let json: JSON

    init(_ response: TestResponse) {
        status = response.status.code
        headers = response.headers
        bytes = Array(response.body.readableBytesView)
        json = (try? JSON(parsing: bytes, limits: JSONLimits(depth: 64, nodes: .max, keyBytes: .max))) ?? .null
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var errorcode: Int? { json["errorcode"]?.int }
    var word: String? { json["status"]?.string }

    /// The places that the body says something is wrong with.
    var pointers: Set<String> { Set(json["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? []) }

    /// All values of a header.
    func all(_ name: String) -> [String] { HTTPField.Name(name).map { headers[values: $0] } ?? [] }

    /// The only value of a header; nil when there is none, or more than one.
    func header(_ name: String) -> String? { all(name).count == 1 ? all(name).first : nil }

    /// A text that has to be in the body.
    func string(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try #require(json[name]?.string, "no \(name) in \(text)", sourceLocation: sourceLocation)
    }

    /// The body without what differs from request to request, and without the texts given.
    func comparable(without texts: String...) -> String {
        let request = header("X-Request-Id").map { [$0] } ?? []
        return (request + texts).reduce(text) { $0.replacingOccurrences(of: $1, with: "…") }
    }
}

extension Answer {
    /// What holds for every answer, whatever it is to (reliability promises E1, E4, E5).
    func checkManners(_ method: HTTPRequest.Method, _ path: String, _ place: SourceLocation) {
        #expect(status < 500, "\(text)", sourceLocation: place)
        #expect(header("X-Request-Id").flatMap(UUID.init(uuidString:)) != nil, sourceLocation: place)
        #expect(header("Cache-Control") != nil, sourceLocation: place)
        if method != .head, status != 204 {
            #expect(header("Content-Length") == String(bytes.count), sourceLocation: place)
        }
        if status == 201 || status == 202 {
            #expect(header("Location") != nil, "E4: \(status) has a Location", sourceLocation: place)
        }
        guard status >= 400, method != .head else { return }
        let first = path.split(separator: "/").first ?? ""
        if ["system", "run", "job"].contains(first) { checkOSCARError(place) } else { checkProblem(place) }
    }

    /// OSCAR's own: one line of text, or nothing where there is nothing to say.
    private func checkOSCARError(_ place: SourceLocation) {
        if [401, 404].contains(status) {
            #expect(text.isEmpty || header("Content-Type") == "text/plain; charset=utf-8", sourceLocation: place)
        } else {
            #expect(header("Content-Type") == "text/plain; charset=utf-8", sourceLocation: place)
            #expect(text.hasSuffix("\n") && text.count > 1, sourceLocation: place)
        }
        if status == 401 {
            #expect(header("WWW-Authenticate")?.hasPrefix("Basic realm=") == true, sourceLocation: place)
        }
        if status == 405 { #expect(header("Allow") != nil, sourceLocation: place) }
        if status == 429 || status == 503 { #expect(header("Retry-After") != nil, sourceLocation: place) }
    }

    private func checkProblem(_ place: SourceLocation) {
        let types = ["application/problem+json", "application/json"]
        #expect(types.contains(header("Content-Type") ?? ""), sourceLocation: place)
        let code = errorcode.flatMap(ErrorCode.init(rawValue:))
        #expect(code != nil, "\(text)", sourceLocation: place)
        #expect(json["type"]?.string == code.map { "urn:invoke-agent:error:\($0.slug)" }, sourceLocation: place)
        #expect(json["title"]?.string == code?.title, sourceLocation: place)
        #expect(json["status"]?.int == status, sourceLocation: place)
        #expect(json["description"]?.string?.isEmpty == false, sourceLocation: place)
        #expect(json["detail"] == json["description"], sourceLocation: place)
        #expect(json["instance"]?.string == header("X-Request-Id").map { "urn:uuid:\($0)" }, sourceLocation: place)
        if status == 401 {
            let challenges = all("WWW-Authenticate")
            #expect(challenges.contains { $0.hasPrefix("Basic realm=") }, sourceLocation: place)
            #expect(challenges.contains { $0.hasPrefix("Bearer realm=") }, sourceLocation: place)
        }
        if status == 405 { #expect(header("Allow") != nil, sourceLocation: place) }
        if status == 429 || status == 503 { #expect(header("Retry-After") != nil, sourceLocation: place) }
    }
}
