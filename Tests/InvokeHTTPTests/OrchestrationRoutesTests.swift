import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// Orchestrations from their upload to their end (dep.md §13).
    @Suite struct OrchestrationRoutesTests {
        private static let metadata = metadata(version: 1)

        private static func metadata(version: Int) -> JSON {
            [
                "name": "twice", "type": "operation", "additionalInformation": .number(JSONNumber(version)),
                "operation": [
                    "class": "orchestration", "modes": ["sync", "async"], "inputs": ["text": ["type": "json"]],
                    "outputs": ["loud": ["type": "json"]],
                ],
            ]
        }

        private static let edges = ["text -> one.text", "one.loud -> two.text", "two.loud -> loud"]

        private static func document(_ operation: String, _ edges: [String] = edges) -> String {
            TestAgent.graph(children: [("one", operation), ("two", operation)], edges: edges).text
        }

        @Test(.timeLimit(.minutes(5)))
        func anUploadMakesAnOperationThatIsListedRunAndRetired() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).did("shout")
                let id = try await client.asset(Self.metadata, of: .provider)
                #expect(try await client.ask(.get, "/operations/\(id)").errorcode == 8105)
                let form = Form(file: Array(Self.document(shout).utf8))
                func upload() async throws -> Answer {
                    let body = form.bytes + form.end
                    let path = "/api/v1/assets/\(id)"
                    return try await client.ask(.post, path, as: .provider, body: body, headers: form.headers)
                }
                #expect(try await upload().status == 201)
                let did = "did:dep:\(test.agent.id)/\(id)"
                let operation = try await client.ask(.get, "/operations/\(id)")
                #expect(operation.json["name"] == "twice" && operation.json["did"] == .string(did))
                #expect(operation.json["inputs"]?["text"]?["required"] == true)
                let name = "orchestration-\(id.prefix(12))"
                #expect(operation.json["service"] == .string(name))
                let listed = try await client.ask(.get, "/operations").json["operations"]?.array ?? []
                #expect(listed.contains { $0["id"] == .string(id) })
                let services = try await client.ask(.get, "/services").json["services"]?.array ?? []
                #expect(services.contains { $0["name"] == .string(name) && $0["owner"] == "provider" })

                let raw = try await client.ask(.post, "/invoke/\(did)", as: .consumer, json: ["text": "hi"])
                #expect(raw.json["result"] == ["loud": "HI!!"])
                let job = try raw.string("jobid")
                let one = try #require(raw.json["children"]?["one"])
                let child = try #require(one["jobid"]?.string)
                #expect(one == ["status": "completed", "jobid": .string(child), "outputs": ["loud": "HI!"]])
                for path in ["/api/v1/invoke/jobs/\(job)", "/jobs/\(job)"] {
                    let v1 = try await client.ask(.get, path, as: .consumer).json["children"]
                    #expect(v1?["one"] == ["status": "succeeded", "jobid": .string(child), "outputs": ["loud": "HI!"]])
                    #expect(v1?["two"]?["outputs"] == ["loud": "HI!!"])
                }
                #expect(try await client.ask(.get, "/jobs/\(child)", as: .consumer).json["parent"] == .string(job))
                let page = try await client.ask(.get, "/jobs", as: .consumer).json["jobs"]?.array ?? []
                #expect(page.map { $0["parent"] } == [.string(job), .string(job), nil])
                #expect(try await client.ask(.delete, "/jobs/\(child)", as: .consumer).errorcode == 8131)

                #expect(try await client.ask(.delete, "/services/\(name)", as: .consumer).status == 403)
                #expect(try await client.ask(.delete, "/services/\(name)", as: .provider).status == 204)
                #expect(try await client.ask(.post, "/invoke/\(id)", as: .consumer, json: [:]).errorcode == 8105)
                // The same content again brings it back.
                for _ in 1...2 { #expect(try await upload().status == 201) }
                #expect(try await client.ask(.get, "/operations/\(id)").json["service"] == .string(name))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aFailureIsToldInTheWordsOfTheDialect() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let everything = try await client.register(Definition.everything)
                let failing = try everything.id("failing")
                let graph = TestAgent.graph(
                    children: [("bad", failing), ("next", try everything.id("shout"))],
                    edges: ["text -> bad.text", "bad.out -> next.text", "next.loud -> loud"]
                )
                let id = try await client.asset(Self.metadata, graph.text, of: .provider)
                let raw = try await client.ask(.post, "/invoke/\(id)", as: .consumer, json: ["text": "hi"])
                #expect(raw.word == "error" && raw.errorcode == 8005)
                let job = try raw.string("jobid")
                let v1 = try await client.ask(.get, "/api/v1/invoke/jobs/\(job)", as: .consumer)
                for (answer, failed, cancelled) in [(raw, "error", "error"), (v1, "failed", "cancelled")] {
                    let bad = answer.json["children"]?["bad"]
                    #expect(bad?["status"] == .string(failed) && bad?["error"]?["errorcode"] == 8005)
                    #expect(bad?["error"]?["description"]?.string?.hasSuffix("out of luck") == true)
                    let next = answer.json["children"]?["next"]
                    #expect(next?["status"] == .string(cancelled) && next?["error"]?["errorcode"] == 8208)
                    #expect(next?["jobid"] == nil)
                }
                #expect(try await client.ask(.get, "/jobs/result/\(job)", as: .consumer).bytes == raw.bytes)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func everyFaultOfAGraphIsToldAndNothingIsStored() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let id = try await client.asset(Self.metadata, of: .provider)
                let path = "/api/v1/assets/\(id)"
                let nowhere = String(repeating: "0", count: 64)
                let faulty = TestAgent.graph(
                    children: [("one", shout), ("two", shout), ("lost", nowhere)],
                    edges: [
                        "text -> one.text", "one.quiet -> two.text", "two.loud -> one.mark", "one.loud -> two.mark",
                    ]
                )
                for (content, status, code, pointers) in [
                    (faulty.text, 400, 8101, ["#/children/lost", "#/edges/1", "#/edges"]),
                    ("{}", 400, 8101, ["#/children", "#/edges"]),
                    ("{", 400, 8100, []),
                    (String(repeating: " ", count: 262_145), 413, 8140, []),
                ] as [(String, Int, Int, Set<String>)] {
                    let answer = try await client.ask(.put, path, as: .provider, body: Array(content.utf8))
                    #expect(answer.status == status && answer.errorcode == code, "\(answer.text)")
                    #expect(answer.pointers == pointers)
                }
                #expect(try await client.ask(.get, path).errorcode == 8112)
                #expect(try await client.ask(.get, "/operations/\(id)").errorcode == 8105)
                #expect(try test.contentFiles().isEmpty)
                let good = Array(Self.document(shout).utf8)
                #expect(try await client.ask(.put, path, as: .provider, body: good).status == 200)
                let other = try await client.ask(.put, path, as: .provider, body: good + [0x20])
                #expect(other.errorcode == 8131)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func onlyItsOwnerWhoIsAProviderMakesAnOrchestration() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let content = Array(Self.document(shout).utf8)
                func upload(to id: String, as caller: Caller) async throws -> Int {
                    try await client.ask(.put, "/api/v1/assets/\(id)", as: caller, body: content).status
                }
                let own = try await client.asset(Self.metadata, of: .consumer)
                #expect(try await upload(to: own, as: .consumer) == 403)
                #expect(try await upload(to: own, as: .provider) == 403)
                #expect(try await upload(to: own, as: .admin) == 200)
                #expect(try await client.ask(.get, "/operations/\(own)").status == 200)

                // A definition that is sent to us names programs only.
                let run: JSON = ["engine": "orchestration", "children": ["a": .string(shout)], "edges": []]
                let operation: JSON = [
                    "inputs": ["text": ["type": "string"]], "outputs": ["out": ["type": "string"]], "run": run,
                ]
                let service = Definition.service("graph", ["run": operation])
                #expect(try await client.ask(.post, "/services", as: .provider, json: service).errorcode == 8102)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func graphsOfGraphsStayWithinBounds() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                var operation = try await client.register(Definition.everything).id("shout")
                // Eleven jobs, then 111, then more than a thousand.
                for (level, isTaken) in [(1, true), (2, true), (3, false)] {
                    let graph = TestAgent.graph(
                        children: (0..<10).map { ("c\($0)", operation) },
                        edges: (0..<10).map { "text -> c\($0).text" } + ["c0.loud -> loud"]
                    )
                    let id = try await client.asset(Self.metadata(version: level), of: .provider)
                    let path = "/api/v1/assets/\(id)"
                    let answer = try await client.ask(.put, path, as: .provider, body: graph.bytes())
                    #expect(answer.status == (isTaken ? 200 : 400))
                    #expect(isTaken || answer.pointers == ["#/children"])
                    operation = id
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aChildIsPaidForByTheOwnerOfTheWhole() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let price: JSON = ["amount": "2", "currency": "OCEAN"]
                let service = Definition.service("shop", ["shout": Definition.shout(price: price)])
                let shout = try await client.register(service).id("shout")
                let graph = TestAgent.graph(
                    children: [("one", shout)],
                    edges: ["text -> one.text", "one.loud -> loud"]
                )
                let id = try await client.asset(Self.metadata, graph.text, of: .provider)
                func invoke() async throws -> Answer {
                    try await client.ask(.post, "/api/v1/invoke/sync/\(id)", as: .consumer, json: ["text": "hi"])
                }
                let unpaid = try await invoke()
                #expect(unpaid.status == 403 && unpaid.errorcode == 8003)
                #expect(try unpaid.string("description").contains(#"The child "one""#))
                #expect(try await client.ask(.get, "/jobs", as: .consumer).json["jobs"]?.array?.isEmpty == true)

                let market = "/api/v1/market"
                let listing = try #require(try await client.ask(.get, "\(market)/listings").json.array?.first?["id"])
                let order: JSON = ["listingid": listing, "status": "ordered"]
                let purchase = try await client.ask(.post, "\(market)/purchases", as: .consumer, json: order).string(
                    "id"
                )
                let path = "\(market)/purchases/\(purchase)"
                _ = try await client.ask(.put, path, as: .provider, json: ["payment": "settled"])
                #expect(try await invoke().json["outputs"] == ["loud": "HI!"])
                #expect(try await client.ask(.get, path, as: .consumer).json["uses_left"] == 0)
                #expect(try await invoke().errorcode == 8003)

                _ = try await client.ask(.delete, "/services/shop", as: .provider)
                let retired = try await invoke()
                #expect(retired.errorcode == 8105)
                #expect(try retired.string("description").contains(#"The child "one""#))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAssetIsPaidForOnceHoweverManyChildrenReadIt() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let hash = try await client.register(Definition.everything).id("hash")
                let metadata: JSON = [
                    "type": "operation", "class": "orchestration",
                    "operation": ["inputs": ["table": "asset"], "outputs": ["one": "asset", "two": "asset"]],
                ]
                let graph = TestAgent.graph(
                    children: [("one", hash), ("two", hash)],
                    edges: [
                        "table -> one.to_hash", "table -> two.to_hash", "one.hash_val -> one", "two.hash_val -> two",
                    ]
                )
                let id = try await client.asset(metadata, graph.text, of: .provider)
                let table = try await client.asset(["name": "table"], "1,2,3", of: .provider)
                let market = "/api/v1/market"
                let offer: JSON = [
                    "assetid": .string(table), "status": "published", "agreement": ["price": "1", "uses": 1],
                ]
                let listing = try await client.ask(.post, "\(market)/listings", as: .provider, json: offer).string("id")
                let order: JSON = ["listingid": .string(listing), "status": "ordered"]
                let purchase = try await client.ask(.post, "\(market)/purchases", as: .consumer, json: order).string(
                    "id"
                )
                let path = "\(market)/purchases/\(purchase)"
                _ = try await client.ask(.put, path, as: .provider, json: ["payment": "settled"])
                let value: JSON = [
                    "did": .string("did:dep:\(test.agent.id)/\(table)"), "purchasetoken": .string(purchase),
                ]
                let answer = try await client.ask(.post, "/invoke/\(id)", as: .consumer, json: ["table": value])
                #expect(answer.word == "completed", "\(answer.text)")
                let result = answer.json["result"]
                #expect(result?["one"]?["did"] != nil && result?["two"]?["did"] != nil)
                #expect(try await client.ask(.get, path, as: .consumer).json["uses_left"] == 0)
            }
        }
    }
}
