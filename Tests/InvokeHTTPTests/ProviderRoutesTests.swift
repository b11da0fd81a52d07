import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// What a provider that runs jobs itself asks of the agent.
    @Suite(.timeLimit(.minutes(5))) struct ProviderRoutesTests {
        private static func service(_ url: String, extra: JSON? = nil) -> JSON {
            var run: [(String, JSON)] = [("engine", "http"), ("url", .string(url))]
            if let extra { run.append(("command", extra)) }
            return Definition.service(
                "remote",
                concurrency: 8,
                [
                    "run": [
                        "inputs": ["table": ["type": "asset"], "word": ["type": "string", "required": false]],
                        "outputs": ["said": ["type": "string"]],
                        "run": .object(.init(uniqueKeysWithValues: run)),
                    ]
                ]
            )
        }

        /// Runs a body with a job that its provider has taken on, and the call that the provider got.
        private func withJob(
            _ body: @escaping @Sendable (any TestClientProtocol, TestAgent, String, JSON) async throws -> Void
        ) async throws {
            try await Receiver.answering(.answer(202)) { receiver in
                let test = try await TestAgent()
                try await test.run { client in
                    let operation = try await client.register(Self.service(receiver.url)).id("run")
                    let table = try await client.asset(["name": "table"], "0123456789", of: .consumer)
                    let job = try await client.start(operation, ["table": ["did": .string(table)]])
                    await receiver.received(1)
                    let call = try JSON(parsing: try #require(receiver.requests.first).body)
                    #expect(call["jobid"]?.string == job)
                    try await body(client, test, job, call)
                }
            }
        }

        private static func path(_ url: JSON?) throws -> String {
            try #require(url?.string).replacing("https://agent.example", with: "")
        }

        private static func part(of path: String, _ name: String) throws -> String {
            let query = try #require(path.split(separator: "?").last)
            let pair = try #require(query.split(separator: "&").first { $0.hasPrefix(name) })
            return String(pair.dropFirst(name.count + 1))
        }

        @Test func theOneJobTokenCompletesTheOneJob() async throws {
            try await withJob { client, test, job, call in
                let path = try Self.path(call["complete_url"])
                let token = try #require(call["token"]?.string)
                let outputs: JSON = ["outputs": ["said": "done"]]
                func complete(_ body: JSON, _ authorization: String?, _ path: String = path) async throws -> Answer {
                    let headers = authorization.map { ["Authorization": $0] } ?? [:]
                    return try await client.ask(.post, path, json: body, headers: headers)
                }
                #expect(try await complete(outputs, nil).status == 401)
                #expect(try await complete(outputs, Caller.basic("provider", "provider-password")).status == 401)
                let wrong = try await complete(outputs, "Bearer \(String(repeating: "0", count: 64))")
                let unknown = try await complete(outputs, "Bearer \(token)", "/jobs/1/complete")
                #expect(wrong.status == 404 && wrong.errorcode == 8001)
                #expect(
                    wrong.comparable(without: "\"\(job)\\\"") == unknown.comparable(without: "\"1\\\"")
                        && wrong.headers.map(\.name) == unknown.headers.map(\.name)
                )
                // Whoever has no right hears nothing of the body.
                #expect(try await complete(["x": 1], "Bearer 00").errorcode == 8001)
                for body: JSON in [[:], ["outputs": 1], ["error": [:]], ["outputs": [:], "more": 1]] {
                    let answer = try await complete(body, "Bearer \(token)")
                    #expect(answer.status == 400 && answer.errorcode == 8101, "\(body)")
                }
                #expect(try await complete(outputs, "Bearer \(token)").status == 204)
                let result = try await client.result(of: job)
                #expect(result.word == "completed" && result.json["result"] == ["said": "done"])
                #expect(try await complete(outputs, "Bearer \(token)").status == 204)
                let other = try await complete(["outputs": ["said": "other"]], "Bearer \(token)")
                #expect(other.status == 409 && other.errorcode == 8131)
            }
        }

        @Test func aCompletionAfterTheEndIsRefused() async throws {
            try await withJob { client, _, job, call in
                let cancelled = try await client.ask(.post, "/jobs/\(job)/cancel", as: .consumer)
                #expect([200, 202].contains(cancelled.status))
                let late = try await client.ask(
                    .post,
                    try Self.path(call["complete_url"]),
                    json: ["outputs": ["said": "late"]],
                    headers: ["Authorization": "Bearer \(try #require(call["token"]?.string))"]
                )
                #expect(late.status == 409 && late.errorcode == 8131)
            }
        }

        @Test func anInputIsReadUnderItsLinkUntilTheJobEnds() async throws {
            try await withJob { client, test, job, call in
                let path = try Self.path(call["inputs"]?["table"]?["url"])
                let whole = try await client.ask(.get, path)
                #expect(whole.status == 200 && whole.text == "0123456789")
                let part = try await client.ask(.get, path, headers: ["Range": "bytes=2-4"])
                #expect(part.status == 206 && part.text == "234")
                let head = try await client.ask(.head, path)
                #expect(head.status == 200 && head.bytes.isEmpty && head.header("Content-Length") == "10")
                let (expires, signature) = (try Self.part(of: path, "expires"), try Self.part(of: path, "signature"))
                let base = "/jobs/\(job)/inputs/table"
                let other = signature.hasPrefix("0") ? "1" : "0"
                let past = test.agent.inputPath("table", of: try #require(JobID(job)), until: test.store.now - 1)
                let wrong = [
                    base, "\(base)?expires=\(expires)", "\(base)?expires=\(expires)0&signature=\(signature)",
                    "\(base)?expires=\(expires)&signature=\(other)\(signature.dropFirst())",
                    "\(base)?expires=\(expires)&signature=\(signature.dropLast(2))",
                    path.replacing("/table", with: "/word"), path.replacing(job, with: "1"), past,
                ]
                for path in wrong {
                    let answer = try await client.ask(.get, path)
                    #expect(answer.status == 404 && answer.errorcode == 8001, "\(path)")
                }
                _ = try await client.ask(.post, "/jobs/\(job)/cancel", as: .consumer)
                #expect(try await client.result(of: job).json["errorcode"] == 8208)
                #expect(try await client.ask(.get, path).errorcode == 8001)
            }
        }

        @Test func whatADefinitionMayNotAskForIsNamed() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let refused: [(JSON, String)] = [
                    (Self.service("https://10.0.0.1/"), "url"), (Self.service("http://8.8.8.8/"), "url"),
                    (Self.service("https://user@example.org/"), "url"), (Self.service("nowhere"), "url"),
                    (Self.service("https://example.org/", extra: ["cat"]), "command"),
                ]
                for (service, member) in refused {
                    let answer = try await client.ask(.post, "/services", as: .provider, json: service)
                    #expect(answer.status == 400 && answer.errorcode == 8102)
                    #expect(answer.pointers == ["#/operations/run/run/\(member)"], "\(answer.text)")
                }
                #expect(try await client.ask(.get, "/services/remote").status == 404)
                let good = Self.service("https://example.org/")
                #expect(try await client.ask(.post, "/services", as: .provider, json: good).status == 201)
                let bad = Self.service("https://127.1.2.3.example.org:22/")
                let replaced = try await client.ask(.put, "/services/remote", as: .provider, json: bad)
                #expect(replaced.pointers == ["#/operations/run/run/url"])
            }
        }

        @Test func anEngineThatIsNotAllowedIsRefused() async throws {
            for (engines, service, pointer) in [
                (Set<Engine>([.process]), Self.service("https://example.org/"), "#/operations/run/run/engine"),
                ([.http], Definition.service("shout", ["shout": Definition.shout()]), "#/operations/shout/run/engine"),
            ] {
                var limits = AgentLimits()
                limits.engines = engines
                let test = try await TestAgent(limits: limits)
                try await test.run { client in
                    let answer = try await client.ask(.post, "/services", as: .provider, json: service)
                    #expect(answer.errorcode == 8102 && answer.pointers == [pointer], "\(answer.text)")
                }
            }
        }

        @Test func nobodyIsToldWhereTheProviderIs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registered = try await client.register(Self.service("https://very-private.example.org/in"))
                let (operation, service) = (try registered.id("run"), registered.answer.json["service"]?["did"]?.string)
                let paths = [
                    "/services", "/services/remote", "/operations", "/operations/\(operation)", "/openapi.json",
                    "/api/v1/meta/data/\(operation)", "/api/v1/meta/data/\(try #require(service).suffix(64))",
                    "/api/ddo", "/api/v1/meta/data/\(operation)/provenance", "/api/v1/market/listings",
                ]
                for path in paths {
                    for caller in [Caller.nobody, .consumer] {
                        let answer = try await client.ask(.get, path, as: caller)
                        #expect([200, 404].contains(answer.status), "\(path)")
                        #expect(!answer.text.contains("very-private"), "\(path)")
                    }
                }
            }
        }
    }
}
