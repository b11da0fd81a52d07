import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// The catalogue of refusals (reliability promise E6), a request for each.
    @Suite struct ErrorCatalogueTests {
        private struct Row {
            let code: ErrorCode
            let status: Int
            let method: HTTPRequest.Method
            let path: String
            var caller = Caller.consumer
            var body: String?
            var headers: [String: String] = [:]

            init(
                _ code: ErrorCode,
                _ status: Int,
                _ method: HTTPRequest.Method,
                _ path: String,
                as caller: Caller = .consumer,
                _ body: String? = nil,
                _ headers: [String: String] = [:]
            ) {
                (self.code, self.status, self.method, self.path) = (code, status, method, path)
                (self.caller, self.body, self.headers) = (caller, body, headers)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func everyRowOfTheCatalogueThatARequestCanMeetAnswersAsItSays() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let free = try registration.id("shout")
                let price: JSON = ["amount": "1", "currency": "OCEAN"]
                let priced = try await client.register(
                    Definition.service("shop", ["shout": Definition.shout(price: price)])
                ).id("shout")
                let done = try await client.ask(.post, "/invoke/\(free)", as: .consumer, json: ["text": "hi"])
                let ended = try done.string("jobid")
                let asset = try await client.asset(["name": "rows"], "abc", of: .provider)
                let offer: JSON = ["assetid": .string(asset), "status": "published", "agreement": ["price": "1"]]
                _ = try await client.ask(.post, "/api/v1/market/listings", as: .provider, json: offer)
                let zeros = String(repeating: "0", count: 64)
                let json = ["Content-Type": "application/json"]
                let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
                let many = "[" + String(repeating: "1,", count: 10_001) + "1]"
                let hash = try registration.id("hash")

                let rows: [Row] = [
                    Row(.unknownJob, 400, .get, "/jobs/result/1"),
                    Row(.unknownJob, 400, .get, "/jobs/result/one"),
                    Row(.unknownJob, 400, .get, "/jobs/result/1234567890123456789"),
                    Row(.unknownJob, 400, .get, "/jobs/result/%00"),
                    Row(.unknownJob, 404, .get, "/jobs/1"),
                    Row(.unknownJob, 404, .get, "/jobs/1/logs"),
                    Row(.unknownJob, 404, .post, "/jobs/1/cancel"),
                    Row(.notPaid, 400, .post, "/invoke/\(priced)", #"{"text":"a"}"#),
                    Row(.notPaid, 400, .post, "/invokeasync/\(priced)", #"{"text":"a"}"#, ["Purchase-Token": zeros]),
                    Row(.notPaid, 403, .get, "/api/v1/assets/\(asset)"),
                    Row(.assetNotAccessible, 400, .post, "/invoke/\(hash)", "{\"to_hash\":{\"did\":\"\(zeros)\"}}"),
                    Row(.malformedJSON, 400, .post, "/invoke/\(free)", "{"),
                    Row(.malformedJSON, 400, .post, "/invokeasync/\(free)", #"{"text":"a","text":"b"}"#),
                    Row(.malformedJSON, 400, .post, "/invoke/\(free)", #"{"text":"a"} {}"#),
                    Row(.malformedJSON, 400, .post, "/invoke/\(free)", #"{"text":"a\u0000"}"#),
                    Row(.malformedJSON, 400, .post, "/invoke/\(free)", "{\"text\":\"a\u{0}\"}"),
                    Row(.malformedJSON, 400, .post, "/services", as: .provider, "name: x"),
                    Row(
                        .malformedJSON,
                        400,
                        .post,
                        "/services",
                        as: .provider,
                        "a: [",
                        ["Content-Type": "application/yaml"]
                    ),
                    Row(.malformedJSON, 400, .post, "/accounts", as: .admin, ""),
                    Row(.malformedJSON, 400, .put, "/accounts/consumer/password", "password"),
                    Row(.malformedJSON, 400, .post, "/api/v1/meta/data", "[1"),
                    Row(.malformedJSON, 400, .post, "/api/v1/market/listings", "{]"),
                    Row(.malformedJSON, 400, .post, "/api/v1/market/purchases", "{,}"),
                    Row(.invalidInput, 400, .post, "/invoke/\(free)", "{}"),
                    Row(.invalidInput, 400, .post, "/invoke/\(free)", #"{"text":"a","more":1}"#),
                    Row(.invalidInput, 400, .post, "/accounts", as: .admin, "{}"),
                    Row(.invalidServiceDefinition, 400, .post, "/services", as: .provider, "{}"),
                    Row(.invalidServiceDefinition, 400, .post, "/services", as: .provider, "[]"),
                    Row(.invalidServiceDefinition, 400, .put, "/services/shop", as: .provider, "{}"),
                    Row(.invalidParameter, 400, .get, "/services?limit=0"),
                    Row(.invalidParameter, 400, .get, "/services?limit=201"),
                    Row(.invalidParameter, 400, .get, "/operations?limit=ten"),
                    Row(.invalidParameter, 400, .get, "/operations?cursor=-1"),
                    Row(.invalidParameter, 400, .get, "/services?cursor=!"),
                    Row(.invalidParameter, 400, .get, "/jobs/result/1?wait=x"),
                    Row(.invalidParameter, 400, .get, "/api/v1/meta/data/abc"),
                    Row(.invalidParameter, 400, .put, "/api/v1/meta/data/abc", "{}"),
                    Row(.invalidParameter, 400, .get, "/api/v1/assets/abc"),
                    Row(.invalidParameter, 400, .post, "/invoke/\(free)", #"{"text":"a"}"#, ["Job-Timeout": "1 day"]),
                    Row(.tooComplex, 400, .post, "/invoke/\(free)", deep),
                    Row(.tooComplex, 400, .post, "/invoke/\(free)", many),
                    Row(.tooComplex, 400, .post, "/invoke/\(free)", "{\"\(String(repeating: "k", count: 257))\":1}"),
                    Row(
                        .tooComplex,
                        400,
                        .post,
                        "/services",
                        as: .provider,
                        deep,
                        ["Content-Type": "application/yaml"]
                    ),
                    Row(.unknownOperation, 404, .post, "/invoke/\(zeros)", "{}"),
                    Row(.unknownOperation, 404, .post, "/invokeasync/did:dep:\(zeros)/\(free)", "{}"),
                    Row(.unknownOperation, 404, .post, "/invokeasync/shout", "{}"),
                    Row(.unknownOperation, 404, .post, "/invoke/\(asset)", "{}"),
                    Row(.unknownOperation, 404, .get, "/operations/\(zeros)"),
                    Row(.unknownRoute, 404, .get, "/nowhere"),
                    Row(.unknownRoute, 404, .post, "/invoke"),
                    Row(.unknownRoute, 404, .get, "/api/v2/meta/data"),
                    Row(.unknownRoute, 404, .get, "/", as: .nobody),
                    Row(.methodNotAllowed, 405, .get, "/invoke/\(free)"),
                    Row(.methodNotAllowed, 405, .patch, "/services/shop", as: .nobody),
                    Row(.methodNotAllowed, 405, .delete, "/jobs/result/1"),
                    Row(.modeNotOffered, 400, .post, "/invoke/\(try registration.id("async-only"))", #"{"text":"a"}"#),
                    Row(
                        .modeNotOffered,
                        400,
                        .post,
                        "/invokeasync/\(try registration.id("sync-only"))",
                        #"{"text":"a"}"#
                    ),
                    Row(.unauthenticated, 401, .post, "/invoke/\(free)", as: .nobody, #"{"text":"a"}"#),
                    Row(.unauthenticated, 401, .get, "/services", as: .nobody, nil, ["Authorization": "token x"]),
                    Row(.forbidden, 403, .post, "/services", Definition.everything.text),
                    Row(.forbidden, 403, .get, "/accounts"),
                    Row(.unknownResource, 404, .get, "/services/none"),
                    Row(.unknownResource, 404, .get, "/api/v1/market/purchases/\(zeros)"),
                    Row(.notAcceptable, 406, .get, "/services", as: .nobody, nil, ["Accept": "text/html"]),
                    Row(.notAcceptable, 406, .get, "/services", as: .nobody, nil, ["Accept": "application/json;q=0"]),
                    Row(.notAcceptable, 406, .post, "/invoke/\(free)", #"{"text":"a"}"#, ["Accept": "image/*"]),
                    Row(.notAcceptable, 406, .get, "/jobs/\(ended)/logs", nil, ["Accept": "application/json"]),
                    Row(.conflict, 409, .post, "/jobs/\(ended)/cancel"),
                    Row(.alreadyRegistered, 409, .post, "/services", as: .provider, Definition.everything.text),
                    Row(.unsupportedMediaType, 415, .post, "/invoke/\(free)", "text=a", ["Content-Type": "text/plain"]),
                    Row(
                        .unsupportedMediaType,
                        415,
                        .post,
                        "/invoke/\(free)",
                        "text: a",
                        ["Content-Type": "application/yaml"]
                    ),
                    Row(
                        .unsupportedMediaType,
                        415,
                        .post,
                        "/services",
                        as: .provider,
                        "x",
                        ["Content-Type": "text/csv"]
                    ),
                    Row(
                        .unsupportedMediaType,
                        415,
                        .post,
                        "/api/v1/assets/\(asset)",
                        "abc",
                        ["Content-Type": "text/csv"]
                    ),
                    Row(.targetTooLong, 414, .get, "/services?x=" + String(repeating: "a", count: 8192)),
                    Row(.bodyTooLarge, 413, .post, "/invoke/\(free)", String(repeating: " ", count: (1 << 20) + 1)),
                    Row(
                        .bodyTooLarge,
                        413,
                        .post,
                        "/services",
                        as: .provider,
                        String(repeating: " ", count: (256 << 10) + 1)
                    ),
                    Row(.bodyTooLarge, 413, .post, "/accounts", as: .admin, String(repeating: " ", count: 1 << 20)),
                    Row(
                        .blockedURL,
                        400,
                        .post,
                        "/invoke/\(free)",
                        #"{"text":"a"}"#,
                        ["Webhook-URL": "http://10.0.0.1/"]
                    ),
                    Row(.invalidWebhook, 400, .post, "/invoke/\(free)", #"{"text":"a"}"#, ["Webhook-URL": "nowhere"]),
                ]
                for row in rows {
                    let answer = try await client.ask(
                        row.method,
                        row.path,
                        as: row.caller,
                        body: row.body.map { Array($0.utf8) },
                        headers: json.merging(row.headers) { $1 }
                    )
                    let request = Comment("\(row.method) \(row.path.prefix(120)) \((row.body ?? "").prefix(60))")
                    #expect(answer.status == row.status, request)
                    #expect(answer.errorcode == row.code.rawValue, request)
                    // The v1 dialect says it twice (dep.md §2).
                    let nested: JSON? =
                        row.path.hasPrefix("/api/")
                        ? [
                            "errorcode": answer.json["errorcode"] ?? .null,
                            "description": answer.json["description"] ?? .null,
                        ]
                        : nil
                    #expect(answer.json["error"] == nested, request)
                }
                #expect(try await test.store.poolsWithWork().isEmpty)
                #expect(try await test.store.services(after: 0, limit: 10).map(\.name) == ["everything", "shop"])
                #expect(try await test.store.accounts(limit: 10).count == 4)
                let shown = try await client.ask(.get, "/operations/\(free)")
                #expect(shown.json["statistics"]?["succeeded"] == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func bytesThatAreNoUTF8AreMalformed() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let free = try await client.register(Definition.everything).id("shout")
                let bytes = Array(#"{"text":""#.utf8) + [0xFF, 0xC0, 0x80] + Array(#""}"#.utf8)
                for (path, type, caller) in [
                    ("/invoke/\(free)", "application/json", Caller.consumer),
                    ("/services", "application/yaml", .provider), ("/api/v1/meta/data", "text/plain", .consumer),
                ] {
                    let answer = try await client.ask(
                        .post,
                        path,
                        as: caller,
                        body: bytes,
                        headers: ["Content-Type": type]
                    )
                    #expect(answer.status == 400, "\(path)")
                    #expect(answer.errorcode == 8100, "\(path)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theFirstThingWrongAnswers() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let zeros = String(repeating: "0", count: 64)
                let unknown = "/invoke/\(zeros)"
                let text = ["Content-Type": "text/plain"]
                let large = [UInt8](repeating: UInt8(ascii: "["), count: (1 << 20) + 1)
                // In the order of promise E3: each request has the fault named and all that follow.
                let faults: [(Int, Answer)] = [
                    (405, try await client.ask(.put, unknown, body: large, headers: text)),
                    (401, try await client.ask(.post, unknown, body: large, headers: text)),
                    (415, try await client.ask(.post, unknown, as: .consumer, body: large, headers: text)),
                    (413, try await client.ask(.post, unknown, as: .consumer, body: large)),
                    (400, try await client.ask(.post, unknown, as: .consumer, body: Array("[".utf8))),
                    (404, try await client.ask(.post, unknown, as: .consumer, body: Array("[]".utf8))),
                    (
                        406,
                        try await client.ask(.post, "/services", as: .consumer, body: large, headers: ["Accept": "a/b"])
                    ),
                    (403, try await client.ask(.post, "/services", as: .consumer, json: [])),
                ]
                for (status, answer) in faults { #expect(answer.status == status, "\(answer.text)") }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anErrorIsInTheTypeThatTheCallerTakes() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let cases = [
                    (nil, "application/problem+json"), ("*/*", "application/problem+json"),
                    ("application/json, application/problem+json;q=0.5", "application/problem+json"),
                    ("application/json", "application/json"), ("text/html", "application/json"),
                    ("application/*", "application/problem+json"),
                ]
                for (accept, type) in cases {
                    let headers = accept.map { ["Accept": $0] } ?? [:]
                    let answer = try await client.ask(.get, "/services/none", headers: headers)
                    #expect(answer.header("Content-Type") == type, "\(accept ?? "none")")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func yamlThatIsDeepOrManyFoldIsRefused() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let anchors = (1...9).map { level in
                    "a\(level): &a\(level) [\((1...9).map { _ in "*a\(level - 1)" }.joined(separator: ","))]"
                }
                let bodies = [
                    String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 60_000),
                    String(repeating: "- ", count: 100_000), (["a0: &a0 x"] + anchors).joined(separator: "\n"),
                    "a: *b", "? [x]\n: y", "a: 1\na: 2", "%YAML 9.9\n---\na", "",
                ]
                for body in bodies {
                    let answer = try await client.ask(
                        .post,
                        "/services",
                        as: .provider,
                        body: Array(body.utf8),
                        headers: ["Content-Type": "application/yaml"]
                    )
                    #expect(answer.status == 400, "\(body.prefix(20))")
                    #expect([8100, 8102, 8104].contains(answer.errorcode), "\(body.prefix(20))")
                }
            }
        }
    }
}
