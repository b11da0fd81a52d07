import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// What a dry run says against a call: all of it, and what the call itself would be refused with first.
    @Suite(.timeLimit(.minutes(5))) struct DryRunRefusalTests {
        private static let price: JSON = ["amount": "0.50", "currency": "OCEAN"]

        @Test func everythingThatIsWrongIsToldAtOnce() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let inputs: JSON = [
                    "table": ["type": "asset"], "max": ["type": "string", "pattern": "^[0-9]+$", "required": false],
                    "note": ["type": "string", "required": false],
                ]
                let operation = Definition.operation("echo", inputs: inputs, modes: ["async"], price: Self.price)
                let id = try await client.register(Definition.service("easy", ["easy": operation])).id("easy")
                let zeros = String(repeating: "0", count: 64)
                let answer = try await client.dryRun(
                    "/invoke/\(id)?wait=soon",
                    ["table": ["did": .string(zeros)], "max": "many", "note": "mine", "colour": "red"],
                    headers: [
                        "Content-Type": "text/csv", "Job-Timeout": "soon", "Webhook-Events": "all",
                        "Idempotency-Key": "two words", "Webhook-URL": "http://10.0.0.1/hook",
                    ]
                )
                try #require(answer.codes == [8103, 8142, 8103, 8171, 8103, 8108, 8101, 8170, 8004, 8003])
                #expect(answer.statuses == [400, 415, 400, 400, 400, 400, 400, 400, 400, 400])
                let errors = answer.refusals.map { $0["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? [] }
                #expect(errors[6] == ["#/max", "#/colour"])
                #expect(errors[8] == ["#/table/did"])
                #expect(answer.json["inputs"] == ["note": ["type": "string", "value": "mine"]])
                #expect(answer.json["price"]?["paid"] == false)
                // The call itself hears of the first.
                let real = try await client.ask(.post, "/invoke/\(id)?wait=soon", as: .consumer, json: [:])
                #expect(real.json["description"] == answer.refusals[0]["description"])
            }
        }

        @Test func aBodyThatIsNoJSONHidesNothingElse() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.register(Definition.everything).id("async-only")
                let headers = ["Job-Timeout": "soon", "Content-Type": "application/json"]
                let answer = try await client.dryRun("/invoke/\(id)", body: Array("{".utf8), headers: headers)
                #expect(answer.codes == [8100, 8103, 8108])
                #expect(answer.json["inputs"] == [:])
            }
        }

        @Test func theFormIsThatOfTheSeedsErrors() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let refused = try await client.ask(.post, "/invoke/\(shout)", as: .consumer, json: ["mark": "."])
                for path in ["/invoke", "/api/v1/invoke/sync"] {
                    let answer = try await client.dryRun("\(path)/\(shout)", ["mark": "."])
                    var (told, real) = (try #require(answer.refusals.first?.object), try #require(refused.json.object))
                    #expect(told["instance"]?.string == answer.header("X-Request-Id").map { "urn:uuid:\($0)" })
                    (told["instance"], real["instance"]) = (nil, nil)
                    #expect(told == real)
                }
            }
        }

        @Test func aPriceIsToldWithWhetherItIsPaidAndATokenIsNotUsedUp() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let service = Definition.service("priced", ["shout": Definition.shout(price: Self.price)])
                let shout = try await client.register(service).id("shout")
                let path = "/invoke/\(shout)"
                let unpaid = try await client.dryRun(path, ["text": "hi"])
                #expect(unpaid.codes == [8003] && unpaid.statuses == [400])
                #expect(try await client.dryRun("/api/v1/invoke/sync/\(shout)", ["text": "hi"]).statuses == [403])
                let listing = try #require(unpaid.json["price"]?["listing"])
                let price: JSON = ["amount": "0.50", "currency": "OCEAN", "listing": listing, "paid": false]
                #expect(unpaid.json["price"] == price)
                let owner = try await client.dryRun(path, ["text": "hi"], as: .provider)
                #expect(owner.codes == [] && owner.json["price"] == .null)

                let token = try await client.buy(shout)
                for headers in [["Purchase-Token": token], [:], ["Purchase-Token": token]] {
                    let paid = try await client.dryRun(path, ["text": "hi"], headers: headers)
                    #expect(paid.codes == [] && paid.json["price"]?["paid"] == true)
                }
                let foreign = ["Purchase-Token": token]
                #expect(try await client.dryRun(path, ["text": "hi"], as: .other, headers: foreign).codes == [8003])
                let real = try await client.ask(.post, path, as: .consumer, json: ["text": "hi"], headers: foreign)
                #expect(real.word == "completed")
                #expect(try await client.dryRun(path, ["text": "hi"], headers: foreign).codes == [8003])
            }
        }

        @Test func everyPricedAssetIsNamed() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let inputs: JSON = ["one": ["type": "asset"], "two": ["type": "asset"], "own": ["type": "asset"]]
                let operation = Definition.operation("echo", inputs: inputs, price: Self.price)
                let id = try await client.register(Definition.service("join", ["join": operation])).id("join")
                var sold: [String] = []
                for name in ["one", "two"] {
                    let metadata: JSON = ["name": .string(name), "contentType": "text/csv"]
                    let asset = try await client.asset(metadata, name, of: .provider)
                    let agreement: JSON = ["price": "2", "currency": "OCEAN", "uses": 1]
                    let offer: JSON = ["assetid": .string(asset), "status": "published", "agreement": agreement]
                    _ = try await client.ask(.post, "/api/v1/market/listings", as: .provider, json: offer)
                    sold.append(asset)
                }
                let own = try await client.asset(["name": "own"], "own", of: .consumer)
                let token = try await client.buy(sold[0])
                let answer = try await client.dryRun(
                    "/invoke/\(id)",
                    [
                        "one": ["did": .string(sold[0]), "purchasetoken": .string(token)],
                        "two": ["did": .string(sold[1])], "own": ["did": .string(own)],
                    ]
                )
                try #require(answer.codes == [8003, 8003])
                #expect(answer.refusals[0]["errors"]?.array?.first?["pointer"] == "#/two")
                #expect(answer.refusals[1]["errors"] == nil)
                let told = try #require(answer.json["inputs"])
                var one = try #require(told["one"]?.object)
                let price = one.removeValue(forKey: "price")
                #expect(price?["amount"] == "2" && price?["currency"] == "OCEAN")
                #expect(
                    JSON.object(one) == [
                        "type": "asset", "did": .string("did:dep:\(test.agent.id)/\(sold[0])"), "name": "one",
                        "content_type": "text/csv", "size": 3, "paid": true,
                    ]
                )
                #expect(told["two"]?["paid"] == false)
                #expect(told["own"]?["price"] == nil && told["own"]?["paid"] == nil)
            }
        }

        @Test func everyChildOfAnOrchestrationThatIsInTheWayIsNamed() async throws {
            let test = try await TestAgent()
            let gone = try await test.shell("gone", "echo gone")
            let sold = try await test.shell("sold", "echo sold", ["price: {amount: \"1\", currency: OCEAN}"])
            let free = try await test.shell("free", "echo free")
            let whole = try await test.orchestrate(
                children: [("one", gone), ("two", sold), ("three", free)],
                edges: ["word -> one.word", "word -> two.word", "word -> three.word", "three.said -> said"]
            )
            try await test.run { client in
                #expect(try await client.ask(.delete, "/services/gone", as: .provider).status == 204)
                let answer = try await client.dryRun("/invokeasync/\(whole)", ["word": "x"])
                try #require(answer.codes == [8105, 8003])
                let texts = answer.refusals.compactMap { $0["description"]?.string }
                #expect(texts[0].hasPrefix("The child \"one\"") && texts[1].hasPrefix("The child \"two\""))
                let real = try await client.ask(.post, "/invokeasync/\(whole)", as: .consumer, json: ["word": "x"])
                #expect(real.json["description"] == answer.refusals[0]["description"])
            }
        }

        @Test func theQueueTellsThePlaceAndEveryBoundThatIsReached() async throws {
            var limits = AgentLimits()
            (limits.waitingJobs, limits.waitingJobsOfCaller) = (1, 1)
            let test = try await TestAgent(limits: limits)
            try await test.run { client in
                let service: JSON = [
                    "name": "full", "version": "1.0.0", "operations": ["slow": Definition.slow],
                    "pool": ["concurrency": 1, "queue": 1],
                ]
                let slow = try await client.register(service).id("slow")
                let running = try await client.start(slow, ["text": ""])
                try await eventually {
                    try await client.ask(.get, "/jobs/result/\(running)", as: .consumer).word == "inprogress"
                }
                let path = "/invokeasync/\(slow)"
                let first = try await client.dryRun(path, ["text": ""])
                #expect(first.codes == [])
                #expect(first.json["queue"]?["position"] == 1)
                #expect(first.json["queue"]?["reason"] == "pool_full")
                _ = try await client.start(slow, ["text": ""])
                let second = try await client.dryRun(path, ["text": ""])
                #expect(second.codes == [8151, 8160, 8160])
                #expect(second.statuses == [429, 503, 503])
                #expect(second.refusals.allSatisfy { $0["retry_after"] == 5 })
                #expect(second.json["queue"]?["position"] == 2)
                #expect(second.json["queue"]?["ahead"] == 1)
                #expect(second.json["queue"]?["capacity"] == 1)
                let other = try await client.dryRun(path, ["text": ""], as: .other)
                #expect(other.codes == [8160, 8160])
                #expect(try await client.ask(.post, path, as: .consumer, json: ["text": ""]).errorcode == 8151)
                try await client.cancelAll()
            }
        }

        @Test func aKeyTellsTheJobItStandsForAndADryRunTakesNone() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let (shout, slow) = (try registration.id("shout"), try registration.id("slow"))
                let key = ["Idempotency-Key": "order-66"]
                let fresh = try await client.dryRun("/invokeasync/\(shout)", ["text": "hi"], headers: key)
                #expect(fresh.codes == [] && fresh.json["replay"] == nil)
                let job = try await client.start(shout, ["text": "bye"], headers: key)
                _ = try await client.result(of: job)
                for path in ["/invokeasync/\(shout)", "/invoke/\(shout)"] {
                    let again = try await client.dryRun(path, ["text": "bye"], headers: key)
                    #expect(again.codes == [] && again.json["replay"] == .string(job))
                    #expect(again.json["queue"] == nil && again.json["price"] == nil)
                    let other = try await client.dryRun(path, ["text": "hi"], headers: key)
                    #expect(other.codes == [8134] && other.statuses == [422] && other.json["replay"] == nil)
                }
                let running = try await client.start(slow, ["text": ""], headers: key)
                #expect(try await client.dryRun("/invokeasync/\(slow)", ["text": ""], headers: key).codes == [])
                let waited = try await client.dryRun("/invoke/\(slow)", ["text": ""], headers: key)
                #expect(waited.codes == [8130] && waited.json["replay"] == .string(running))
                try await client.cancelAll()
            }
        }
    }
}
