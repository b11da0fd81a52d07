import HTTPTypes
import HummingbirdTesting
import InvokeModel
import NIOCore
import Testing

extension TestClientProtocol {
    /// Makes a request and checks what holds for every answer.
    ///
    /// `json` brings its content type with it; `body` has the one that `headers` name. An `Authorization` among the
    /// headers replaces the caller's.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        as caller: Caller = .nobody,
        json: JSON? = nil,
        body: [UInt8]? = nil,
        headers: [String: String] = [:],
        at place: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var fields: HTTPFields = [:]
        fields[.authorization] = caller.authorization
        if json != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers {
            fields[try #require(HTTPField.Name(name), sourceLocation: place)] = value
        }
        let bytes = json.map { $0.bytes() } ?? body
        let response = try await execute(
            uri: path,
            method: method,
            headers: fields,
            body: bytes.map { ByteBuffer(bytes: $0) }
        )
        let answer = Answer(response)
        answer.checkManners(method, path, place)
        return answer
    }

    /// Registers a service as the provider.
    /// - Returns: the answer, for the ids of its operations.
    func register(_ service: JSON, at place: SourceLocation = #_sourceLocation) async throws -> Registration {
        let answer = try await ask(.post, "/services", as: .provider, json: service, at: place)
        try #require(answer.status == 201, "\(answer.text)", sourceLocation: place)
        return Registration(answer: answer)
    }

    /// Registers metadata, and its content when there is one, as somebody's.
    /// - Returns: the asset's id.
    func asset(
        _ metadata: JSON,
        _ content: String? = nil,
        of caller: Caller,
        at place: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let answer = try await ask(.post, "/api/v1/meta/data", as: caller, body: metadata.bytes(), at: place)
        let id = try #require(answer.json.string, "\(answer.text)", sourceLocation: place)
        if let content {
            let upload = try await ask(.put, "/api/v1/assets/\(id)", as: caller, body: Array(content.utf8), at: place)
            try #require(upload.status == 200, "\(upload.text)", sourceLocation: place)
        }
        return id
    }

    /// Starts a job through the seed dialect.
    /// - Returns: its id.
    func start(
        _ operation: String,
        _ inputs: JSON,
        as caller: Caller = .consumer,
        headers: [String: String] = [:],
        at place: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let path = "/invokeasync/\(operation)"
        let answer = try await ask(.post, path, as: caller, json: inputs, headers: headers, at: place)
        try #require(answer.status == 201, "\(answer.text)", sourceLocation: place)
        return try answer.string("jobid", sourceLocation: place)
    }

    /// Has the consumer run `Definition.everything`, whose operation `hash` makes an asset that is his alone.
    /// - Returns: the asset's id, and the operation's.
    func privateAsset(at place: SourceLocation = #_sourceLocation) async throws -> (id: String, hash: String) {
        let hash = try await register(Definition.everything, at: place).id("hash")
        let inputs: JSON = ["to_hash": ["did": .string(try await asset(["name": "letters"], "abc", of: .consumer))]]
        let run = try await ask(.post, "/invoke/\(hash)", as: .consumer, json: inputs, at: place)
        let did = try #require(run.json["result"]?["hash_val"]?["did"]?.string, "\(run.text)", sourceLocation: place)
        return (String(did.suffix(64)), hash)
    }

    /// The seed's answer for a job once it has ended.
    func result(
        of job: String,
        as caller: Caller = .consumer,
        at place: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await ask(.get, "/jobs/result/\(job)?wait=50", as: caller, at: place)
    }
}

/// The answer to a registration.
struct Registration {
    let answer: Answer

    func id(_ operation: String) throws -> String {
        try #require(answer.json["operations"]?[operation]?["id"]?.string, "\(answer.text)")
    }

    func did(_ operation: String) throws -> String {
        try #require(answer.json["operations"]?[operation]?["did"]?.string, "\(answer.text)")
    }
}
