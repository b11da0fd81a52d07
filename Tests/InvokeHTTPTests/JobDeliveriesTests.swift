import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// Where a job's end was told.
    @Suite(.timeLimit(.minutes(5))) struct JobDeliveriesTests {
        private static let hook = "http://127.0.0.1:9999/hook"
        private static let given = "http://127.0.0.1:9999/of-the-call"

        @Test func theOwnerSeesEveryReceiverOfHisJob() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let made = try await client.ask(.post, "/webhooks", as: .consumer, json: ["url": .string(Self.hook)])
                let webhook = try made.string("id")
                let shout = try await client.register(Definition.everything).id("shout")
                let quiet = try await client.start(shout, ["text": "before"])
                _ = try await client.result(of: quiet)
                let job = try await client.start(shout, ["text": "hi"], headers: ["Webhook-URL": Self.given])
                _ = try await client.result(of: job)

                let list = try await client.ask(.get, "/jobs/\(job)/deliveries", as: .consumer)
                let deliveries = try #require(list.json["deliveries"]?.array)
                let receivers = deliveries.reduce(into: [:]) { $0[$1["url"]?.string] = .some($1["webhook"]?.string) }
                #expect(receivers == [Self.hook: webhook, Self.given: String?.none])
                for delivery in deliveries {
                    #expect(delivery["jobid"]?.string == job)
                    #expect(delivery["type"] == "job.succeeded" && delivery["state"] == "pending")
                    #expect(delivery["attempts"] == [])
                }
                let first = try await client.ask(.get, "/jobs/\(job)/deliveries?limit=1", as: .consumer).json
                let cursor = try #require(first["next_cursor"]?.string)
                let path = "/jobs/\(job)/deliveries?limit=1&cursor=\(cursor)"
                let second = try await client.ask(.get, path, as: .consumer).json
                #expect((first["deliveries"]?.array ?? []) + (second["deliveries"]?.array ?? []) == deliveries)
                #expect(second["next_cursor"] == nil)

                _ = try await client.ask(.delete, "/webhooks/\(webhook)", as: .consumer)
                let after = try await client.ask(.get, "/jobs/\(job)/deliveries", as: .consumer).json
                #expect(after["deliveries"]?.array?.allSatisfy { $0["webhook"] == nil } == true)
            }
        }

        @Test func nobodyElseLearnsTheURLs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let job = try await client.start(shout, ["text": "hi"], headers: ["Webhook-URL": Self.given])
                _ = try await client.result(of: job)
                for (caller, code) in [(Caller.admin, 8111), (.provider, 8111), (.other, 8001)] {
                    let refused = try await client.ask(.get, "/jobs/\(job)/deliveries", as: caller)
                    #expect(refused.errorcode == code, "\(caller)")
                    #expect(!refused.text.contains("of-the-call"))
                }
                #expect(try await client.ask(.get, "/jobs/1/deliveries", as: .consumer).errorcode == 8001)
            }
        }
    }
}
