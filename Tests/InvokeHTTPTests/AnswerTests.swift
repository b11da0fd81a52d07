import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeHTTP
import InvokeModel
import InvokeTesting
import NIOCore
import Testing

extension HTTPTests {
    /// How answers are sent (dep.md §16).
    @Suite struct AnswerTests {
        @Test(.timeLimit(.minutes(5)))
        func aJSONAnswerLeavesInOnePiece() async throws {
            let test = try await TestAgent()
            let router = try Server(agent: test.agent, profile: test.profile, sandboxProblem: nil).router()
            let application = Application(responder: CountingPieces(base: router.buildResponder()))
            try await application.test(.router) { client in
                for path in [
                    "/health", "/ready", "/services", "/api/v1/meta/index", "/openapi.json", "/nowhere", "/accounts",
                ] {
                    let answer = try await client.execute(uri: path, method: .get)
                    #expect(answer.headers[.pieces] == "1", "\(path)")
                    #expect(answer.headers[.contentLength] == String(answer.body.readableBytes), "\(path)")
                }
                let token = try await client.execute(
                    uri: "/api/v1/auth/token",
                    method: .post,
                    headers: [.authorization: Caller.basic("consumer", "consumer-password")]
                )
                #expect(token.status == .ok)
                #expect(token.headers[.pieces] == "1")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theOpenRoutesTellWhatTheyAreFor() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                #expect(try await client.ask(.get, "/health").text == "Ok")
                let health = try await client.ask(.get, "/health", headers: ["Accept": "application/json"])
                #expect(health.json["status"] == "ok")
                #expect(health.json["version"] == "test")
                #expect(try await client.ask(.get, "/ready").json["status"] == "ready")
                let api = try await client.ask(.get, "/openapi.json")
                #expect(api.json["openapi"]?.string?.hasPrefix("3.1") == true)
                let schema = try await client.ask(.get, "/schemas/service-definition.schema.json")
                #expect(schema.header("Content-Type") == "application/schema+json")
                #expect(schema.json["required"] == ["name", "version", "operations"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aHeadRequestAnswersLikeItsGetWithoutTheBody() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                _ = try await client.register(Definition.everything)
                for path in ["/health", "/services", "/services/everything", "/operations", "/api/v1/meta/data"] {
                    let get = try await client.ask(.get, path)
                    let head = try await client.ask(.head, path)
                    #expect(head.status == get.status)
                    #expect(head.bytes.isEmpty)
                    for name in ["Content-Type", "Content-Length", "Cache-Control"] {
                        #expect(head.header(name) == get.header(name), "\(path) \(name)")
                    }
                }
            }
        }
    }
}

/// Tells in a header how many pieces a body was written in.
private struct CountingPieces<Base: HTTPResponder>: HTTPResponder {
    let base: Base

    @concurrent func respond(to request: Request, context: Base.Context) async throws -> Response {
        var response = try await base.respond(to: request, context: context)
        let pieces = Pieces()
        try await response.body.write(pieces)
        response.headers[.pieces] = String(pieces.all.count)
        response.body = ResponseBody(contentsOf: pieces.all)
        return response
    }
}

private final class Pieces: ResponseBodyWriter {
    private(set) var all: [ByteBuffer] = []

    func write(_ buffer: ByteBuffer) async throws { all.append(buffer) }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

extension HTTPField.Name {
    fileprivate static var pieces: Self {
        guard let name = Self("X-Pieces") else { preconditionFailure("not a header name") }
        return name
    }
}
