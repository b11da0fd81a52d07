import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// Registered webhooks and their owners (agent.md §7, reliability promise S1).
    @Suite struct WebhookRoutesTests {
        private static let url = "http://127.0.0.1:9999/hook"

        private func register(
            _ client: some TestClientProtocol,
            _ body: JSON = ["url": .string(Self.url)],
            as caller: Caller = .consumer
        ) async throws -> Answer {
            let answer = try await client.ask(.post, "/webhooks", as: caller, json: body)
            try #require(answer.status == 201, "\(answer.text)")
            return answer
        }

        @Test(.timeLimit(.minutes(5)))
        func aWebhookIsShownToItsOwnerAndItsSecretOnce() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let operation = try await client.register(Definition.everything).did("shout")
                let made = try await register(
                    client,
                    ["url": .string(Self.url), "events": ["job.failed"], "operation": .string(operation)]
                )
                let id = try made.string("id")
                let secret = try made.string("secret")
                #expect(made.header("Location") == "/webhooks/\(id)")
                #expect(id.wholeMatch(of: /wh_[0-9a-f]{32}/) != nil)
                #expect(secret.wholeMatch(of: /whsec_[A-Za-z0-9+\/]{43}=/) != nil)
                #expect(made.json["url"]?.string == Self.url)
                #expect(made.json["events"] == ["job.failed"])
                #expect(made.json["operation"]?.string == operation)
                let read = try await client.ask(.get, "/webhooks/\(id)", as: .consumer)
                #expect(read.status == 200)
                #expect(read.json["state"] == "enabled")
                let list = try await client.ask(.get, "/webhooks", as: .consumer)
                #expect(list.json["webhooks"] == [read.json])
                let rotated = try await client.ask(.post, "/webhooks/\(id)/rotate", as: .consumer)
                #expect(try rotated.string("secret") != secret)
                for answer in [read, list] { #expect(!answer.text.contains("secret")) }
                // What signs is what was shown.
                let key = try test.agent.webhookSecret(of: .webhook(#require(WebhookID(id))), generation: 1)
                #expect(secret == "whsec_" + Data(key).base64EncodedString())

                // No other webhook has it.
                let other = try await register(client)
                #expect(try other.string("secret") != secret)
                #expect(
                    try await client.ask(.delete, "/webhooks/\(other.string("id"))", as: .consumer).status == 204
                )

                #expect(try await client.ask(.delete, "/webhooks/\(id)", as: .consumer).status == 204)
                #expect(try await client.ask(.get, "/webhooks/\(id)", as: .consumer).errorcode == 8112)
                #expect(try await client.ask(.get, "/webhooks", as: .consumer).json["webhooks"] == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aWebhookThatCannotBeIsRefused() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let cases: [(JSON, Int, Int)] = [
                    (["url": "nowhere"], 400, 8171), (["url": "ftp://example.com/"], 400, 8171),
                    (["url": "https://10.0.0.1/"], 400, 8170), (["url": "http://example.org:22/"], 400, 8170),
                    ([:], 400, 8171), (["url": 7], 400, 8171), ([], 400, 8101),
                    (["url": .string(Self.url), "events": ["job.exploded"]], 400, 8171),
                    (["url": .string(Self.url), "events": []], 400, 8171),
                    (["url": .string(Self.url), "secret": "mine"], 400, 8171),
                    (["url": .string(Self.url), "operation": "shout"], 404, 8105),
                ]
                for (body, status, code) in cases {
                    let answer = try await client.ask(.post, "/webhooks", as: .consumer, json: body)
                    #expect(answer.status == status, "\(body.text)")
                    #expect(answer.errorcode == code, "\(body.text)")
                }
                for _ in 0..<100 { _ = try await register(client) }
                let body: JSON = ["url": .string(Self.url)]
                let more = try await client.ask(.post, "/webhooks", as: .consumer, json: body)
                #expect(more.status == 409)
                #expect(more.errorcode == 8131)
                _ = try await register(client, as: .other)
                var (paged, path): (Set<String>, String?) = ([], "/webhooks?limit=30")
                while let next = path {
                    let page = try await client.ask(.get, next, as: .consumer)
                    paged.formUnion(page.json["webhooks"]?.array?.compactMap { $0["id"]?.string } ?? [])
                    path = page.json["next_cursor"]?.string.map { "/webhooks?limit=30&cursor=\($0)" }
                }
                #expect(paged.count == 100)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func somebodyElsesWebhookIsAnUnknownWebhook() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await register(client).string("id")
                let unknown = "wh_" + String(repeating: "0", count: 32)
                let calls: [(HTTPRequest.Method, String, JSON?)] = [
                    (.get, "", nil), (.delete, "", nil), (.post, "/test", nil), (.post, "/rotate", nil),
                    (.post, "/enable", nil), (.post, "/replay", ["since": "2026-01-01T00:00:00Z"]),
                    (.get, "/deliveries", nil),
                ]
                for caller in [Caller.other, .provider, .admin] {
                    for (method, path, body) in calls {
                        let foreign = try await client.ask(method, "/webhooks/\(id)\(path)", as: caller, json: body)
                        let nothing = try await client.ask(
                            method,
                            "/webhooks/\(unknown)\(path)",
                            as: caller,
                            json: body
                        )
                        #expect(foreign.status == 404, "\(method) \(path)")
                        #expect(foreign.errorcode == 8112)
                        #expect(foreign.comparable(without: id) == nothing.comparable(without: unknown))
                    }
                    #expect(try await client.ask(.get, "/webhooks", as: caller).json["webhooks"] == [])
                }
                // Nothing that was refused has changed it.
                #expect(try await client.ask(.get, "/webhooks/\(id)", as: .consumer).json["state"] == "enabled")
                let deliveries = try await client.ask(.get, "/webhooks/\(id)/deliveries", as: .consumer)
                #expect(deliveries.json["deliveries"] == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func deliveriesAreListedNewestFirstWithTheirAttempts() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await register(client).string("id")
                let shout = try await client.register(Definition.everything).id("shout")
                let job = try await client.start(shout, ["text": "hi"])
                _ = try await client.result(of: job)
                let tested = try await client.ask(.post, "/webhooks/\(id)/test", as: .consumer)
                #expect(tested.status == 202)
                let due = try await test.store.dueDeliveries(queues: 1, perQueue: 8)
                let now = test.store.now
                for (delivery, fate) in zip(due, [DeliveryFate.exhausted, .delivered]) {
                    let attempt = DeliveryAttempt(
                        startedAt: now,
                        duration: .milliseconds(12),
                        status: delivery.id == due[0].id ? nil : 200,
                        answer: "words"
                    )
                    try await test.store.note(attempt, of: delivery, fate)
                }
                let path = "/webhooks/\(id)/deliveries"
                let list = try await client.ask(.get, path, as: .consumer).json["deliveries"]?.array ?? []
                #expect(list.map { $0["type"]?.string } == ["webhook.test", "job.succeeded"])
                #expect(list[0]["event"] == tested.json["event"])
                #expect(list[0]["attempts"]?.array?.first?["reply"] == "words")
                #expect(list[0]["attempts"]?.array?.first?["status"] == 200)
                #expect(list[0]["attempts"]?.array?.first?["ms"] == 12)
                #expect(list[1]["jobid"]?.string == job)
                #expect(list[1]["state"] == "dead")
                #expect(list[1]["reason"] == "exhausted")
                #expect(list[1]["attempts"]?.array?.first?["failure"] == "words")
                let dead = try await client.ask(.get, path + "?state=dead", as: .consumer)
                #expect(dead.json["deliveries"]?.array?.count == 1)
                #expect(try await client.ask(.get, path + "?state=lost", as: .consumer).errorcode == 8103)
                let first = try await client.ask(.get, path + "?limit=1", as: .consumer)
                let cursor = try first.string("next_cursor")
                let second = try await client.ask(.get, path + "?limit=1&cursor=\(cursor)", as: .consumer)
                #expect(second.json["deliveries"]?.array == [list[1]])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aReplayNamesAnEventOrATime() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await register(client).string("id")
                let event = try await client.ask(.post, "/webhooks/\(id)/test", as: .consumer).string("event")
                let cases: [(JSON, Int, Int?)] = [
                    ([:], 400, 8101), (["since": "yesterday"], 400, 8101),
                    (["until": "2026-01-01T00:00:00Z"], 400, 8101),
                    (["event": .string(event), "since": "2026-01-01T00:00:00Z"], 400, 8101),
                    (["since": "2026-01-01T00:00:00Z", "state": "lost"], 400, 8101),
                    (["event": "msg_unknown"], 404, 8112), (["event": .string(event)], 202, nil),
                    (["since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00.5Z"], 202, nil),
                ]
                for (body, status, code) in cases {
                    let answer = try await client.ask(.post, "/webhooks/\(id)/replay", as: .consumer, json: body)
                    #expect(answer.status == status, "\(body.text)")
                    #expect(answer.errorcode == code, "\(body.text)")
                    if status == 202 { #expect(answer.json == ["replayed": 1, "more": false]) }
                }
                let nothing = try await client.ask(
                    .post,
                    "/webhooks/\(id)/replay",
                    as: .consumer,
                    json: ["since": "2026-01-01T00:00:00Z", "state": "dead"]
                )
                #expect(nothing.json == ["replayed": 0, "more": false])
                // A disabled one is turned on first.
                let delivery = try #require(try await test.store.dueDeliveries(queues: 1, perQueue: 1).first)
                let attempt = DeliveryAttempt(startedAt: test.store.now, duration: .zero, status: 410, answer: "")
                try await test.store.note(attempt, of: delivery, .gone)
                let read = try await client.ask(.get, "/webhooks/\(id)", as: .consumer)
                #expect(read.json["state"] == "disabled")
                #expect(read.json["disabled"]?["reason"] == "gone")
                for path in ["test", "replay"] {
                    let body: JSON? = path == "replay" ? ["event": .string(event)] : nil
                    let refused = try await client.ask(.post, "/webhooks/\(id)/\(path)", as: .consumer, json: body)
                    #expect(refused.status == 409)
                }
                let enabled = try await client.ask(.post, "/webhooks/\(id)/enable", as: .consumer)
                #expect(enabled.json["state"] == "enabled")
            }
        }
    }
}
