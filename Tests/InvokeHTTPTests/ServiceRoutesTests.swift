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
    /// Registration, replacement and the end of services (agent.md §4).
    @Suite struct ServiceRoutesTests {
        @Test(.timeLimit(.minutes(5)))
        func aServiceIsRegisteredFromJSONAndFromYAML() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let json = try await client.register(Definition.service("from-json", ["shout": Definition.shout()]))
                #expect(json.answer.header("Location") == "/services/from-json")
                #expect(json.answer.json["service"]?["name"] == "from-json")
                #expect(json.answer.json["service"]?["version"] == "1.0.0")
                #expect(try json.did("shout") == "did:dep:\(test.agent.id)/\(json.id("shout"))")
                let token = try json.answer.string("token")
                #expect(Hex32(token)?.description == token)

                let yaml = """
                    name: from-yaml
                    version: 1.2.0
                    tags: [csv]
                    operations:
                      keep:
                        inputs: {text: {type: string, required: false, default: "no"}}
                        outputs: {out: {type: string}}
                        run: {engine: process, command: [cat], timeout: 60s}
                    """
                let answer = try await client.ask(
                    .post,
                    "/services",
                    as: .provider,
                    body: Array(yaml.utf8),
                    headers: ["Content-Type": "application/yaml; charset=utf-8"]
                )
                #expect(answer.status == 201)
                let id = try Registration(answer: answer).id("keep")
                let shown = try await client.ask(.get, "/operations/\(id)")
                #expect(shown.json["version"] == "1.2.0")
                #expect(shown.json["inputs"]?["text"]?["default"] == "no")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theServiceTokenIsShownToItsOwnerAndToAdminsOnly() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let token = try await client.register(Definition.everything).answer.string("token")
                for caller in Caller.allCases {
                    let shown = try await client.ask(.get, "/services/everything", as: caller)
                    #expect(shown.status == 200)
                    #expect(shown.json["token"]?.string == (caller == .provider || caller == .admin ? token : nil))
                }
                let list = try await client.ask(.get, "/services", as: .provider)
                #expect(!list.text.contains(token))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theDefinitionIsReadBackByItsOwnerAndAdminsOnly() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                _ = try await client.register(Definition.everything)
                let path = "/services/everything/definition"
                for caller in [Caller.provider, .admin] {
                    #expect(try await client.ask(.get, path, as: caller).json == Definition.everything)
                }
                for caller in [Caller.consumer, .other] {
                    let refused = try await client.ask(.get, path, as: caller)
                    #expect((refused.status, refused.errorcode) == (403, 8111))
                }
                #expect(try await client.ask(.get, path).status == 401)
                let unknown = try await client.ask(.get, "/services/nothing/definition", as: .provider)
                #expect((unknown.status, unknown.errorcode) == (404, 8112))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func replacingAServiceChangesTheIdsOfChangedOperationsOnly() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let first = try await client.register(
                    Definition.service(
                        "tools",
                        ["shout": Definition.shout(), "hash": Definition.hash, "failing": Definition.failing]
                    )
                )
                let second = try await client.ask(
                    .put,
                    "/services/tools",
                    as: .provider,
                    json: Definition.service(
                        "tools",
                        version: "2.0.0",
                        ["shout": Definition.shout(), "hash": Definition.operation("echo another; cat /dev/null")]
                    )
                )
                #expect(second.status == 200)
                #expect(second.json["service"]?["version"] == "2.0.0")
                let replaced = Registration(answer: second)
                #expect(try replaced.id("shout") == first.id("shout"))
                #expect(try replaced.id("hash") != first.id("hash"))

                // The replaced operation is still there for those who hold its id; the one left out is not.
                let content = try await client.asset(["name": "letters", "type": "dataset"], "abc", of: .consumer)
                let job = try await client.start(first.id("hash"), ["to_hash": ["did": .string(content)]])
                #expect(try await client.result(of: job).word == "completed")
                let gone = try await client.ask(
                    .post,
                    "/invokeasync/\(first.id("failing"))",
                    as: .consumer,
                    json: ["text": "x"]
                )
                #expect(gone.status == 404)
                #expect(gone.errorcode == 8105)
                let listed = try await client.ask(.get, "/operations")
                let ids = Set(listed.json["operations"]?.array?.compactMap { $0["id"]?.string } ?? [])
                #expect(ids == [try replaced.id("shout"), try replaced.id("hash")])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aNewPriceKeepsTheIdAndIsTheListingsPrice() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                func definition(_ price: JSON?) -> JSON {
                    Definition.service("priced", ["shout": Definition.shout(price: price)])
                }
                let id = try await client.register(definition(["amount": "0.50", "currency": "OCEAN"])).id("shout")
                for (price, expected) in [("1.25", "1.25"), (nil, nil), ("2", "2")] as [(String?, String?)] {
                    let answer = try await client.ask(
                        .put,
                        "/services/priced",
                        as: .provider,
                        json: definition(price.map { ["amount": .string($0), "currency": "OCEAN"] })
                    )
                    #expect(try Registration(answer: answer).id("shout") == id)
                    let listings = try await client.ask(.get, "/api/v1/market/listings").json.array
                    #expect(listings?.compactMap { $0["agreement"]?["price"]?.string } == (expected.map { [$0] } ?? []))
                    #expect(listings?.allSatisfy { $0["assetid"]?.string == id } == true)
                    let shown = try await client.ask(.get, "/operations/\(id)")
                    #expect(shown.json["price"]?["amount"]?.string == expected)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRetiredServiceTakesNoMoreInvocationsAndItsJobsStayReadable() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let service = Definition.service(
                    "passing",
                    [
                        "shout": Definition.shout(price: ["amount": "1", "currency": "OCEAN"]),
                        "now": Definition.syncOnly,
                    ]
                )
                let registration = try await client.register(service)
                let (shout, now) = (try registration.id("shout"), try registration.id("now"))
                let done = try await client.ask(.post, "/invoke/\(now)", as: .consumer, json: ["text": ""])
                #expect(done.word == "completed")
                let job = try done.string("jobid")

                #expect(try await client.ask(.delete, "/services/passing", as: .provider).status == 204)
                #expect(try await client.ask(.get, "/services/passing").errorcode == 8112)
                for id in [shout, now] {
                    let refused = try await client.ask(.post, "/invoke/\(id)", as: .consumer, json: ["text": ""])
                    #expect(refused.status == 404)
                    #expect(refused.errorcode == 8105)
                }
                #expect(try await client.ask(.get, "/jobs/result/\(job)", as: .consumer).bytes == done.bytes)
                #expect(try await client.ask(.get, "/api/v1/meta/data/\(now)").status == 200)
                #expect(try await client.ask(.get, "/api/v1/market/listings").json == [])
                #expect(try await client.ask(.delete, "/services/passing", as: .provider).status == 404)
                // The name is free again.
                #expect(try await client.register(service).answer.status == 201)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func onlyProvidersRegisterAndOnlyOwnersReplace() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let service = Definition.service("mine", ["shout": Definition.shout()])
                let refused = try await client.ask(.post, "/services", as: .consumer, json: service)
                #expect(refused.status == 403)
                #expect(refused.errorcode == 8111)
                #expect(try await test.store.services(after: 0, limit: 10).isEmpty)

                _ = try await client.register(service)
                let taken = try await client.ask(.post, "/services", as: .admin, json: service)
                #expect(taken.status == 409)
                #expect(taken.errorcode == 8132)

                let rival = try await client.ask(
                    .post,
                    "/accounts",
                    as: .admin,
                    json: ["username": "rival", "password": "rival-password", "roles": ["provider"]]
                )
                #expect(rival.status == 201)
                let headers = ["Authorization": Caller.basic("rival", "rival-password")]
                for body in [service, Definition.service("mine", ["hash": Definition.hash])] {
                    let put = try await client.ask(.put, "/services/mine", json: body, headers: headers)
                    #expect(put.status == 403)
                }
                let read = try await client.ask(.get, "/services/mine/definition", headers: headers)
                #expect((read.status, read.errorcode) == (403, 8111))
                #expect(try await client.ask(.delete, "/services/mine", headers: headers).status == 403)
                #expect(try await client.ask(.delete, "/services/mine", as: .consumer).status == 403)
                #expect(try await client.ask(.get, "/services/mine").status == 200)

                let renamed = Definition.service("theirs", ["shout": Definition.shout()])
                let put = try await client.ask(.put, "/services/mine", as: .provider, json: renamed)
                #expect(put.errorcode == 8102)
                #expect(put.pointers == ["#/name"])
                #expect(try await client.ask(.put, "/services/none", as: .provider, json: service).status == 404)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aBadDefinitionIsRefusedWithEveryFaultAndNothingIsStored() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let bad: JSON = [
                    "name": "Bad_Name", "version": "1", "owner": "me",
                    "operations": [
                        "none": ["inputs": [:], "outputs": [:], "run": ["engine": "process", "command": ["true"]]],
                        "typed": [
                            "inputs": ["a": ["type": "number"]], "outputs": ["b": ["type": "string"]],
                            "run": ["engine": "magic", "command": []],
                        ],
                    ],
                ]
                let refused = try await client.ask(.post, "/services", as: .provider, json: bad)
                #expect(refused.status == 400)
                #expect(refused.errorcode == 8102)
                let expected: Set = [
                    "#/name", "#/owner", "#/operations/none/inputs", "#/operations/none/outputs",
                    "#/operations/typed/inputs/a/type", "#/operations/typed/run/engine",
                    "#/operations/typed/run/command",
                ]
                #expect(refused.pointers == expected)

                // What no schema can say is reported as completely.
                let clash: JSON = Definition.service(
                    "clash",
                    [
                        "one": Definition.operation(
                            "true",
                            inputs: [
                                "a-b": ["type": "string", "position": 0], "a.b": ["type": "string", "position": 0],
                                "c": ["type": "string", "required": false, "default": "x", "pattern": "("],
                            ]
                        )
                    ]
                )
                let refusedToo = try await client.ask(.post, "/services", as: .provider, json: clash)
                #expect(refusedToo.errorcode == 8102)
                let inputs = "#/operations/one/inputs"
                #expect(refusedToo.pointers == ["\(inputs)/a.b/position", "\(inputs)/a.b", "\(inputs)/c/pattern"])

                #expect(try await test.store.services(after: 0, limit: 10).isEmpty)
                #expect(try await test.store.operations(limit: 10).isEmpty)
                #expect(try await client.ask(.get, "/api/v1/meta/data", as: .admin).json == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func listsComeInPagesThatMissNothing() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let names = (1...5).map { "service-\($0)" }
                for name in names {
                    _ = try await client.register(
                        Definition.service(name, ["shout": Definition.shout(), "hash": Definition.hash])
                    )
                }
                for (list, expected) in [("services", 5), ("operations", 10)] {
                    var found: [String] = []
                    var cursor: String? = ""
                    while let next = cursor {
                        let page = try await client.ask(
                            .get,
                            "/\(list)?limit=2" + (next.isEmpty ? "" : "&cursor=\(next)")
                        )
                        let items = try #require(page.json[list]?.array)
                        #expect((1...2).contains(items.count))
                        found += items.compactMap { $0["did"]?.string }
                        cursor = page.json["next_cursor"]?.string
                    }
                    #expect(found.count == expected)
                    #expect(Set(found).count == expected)
                }
                #expect(try await client.ask(.get, "/services/").json["services"]?.array?.count == 5)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anOperationIsFoundByEverySpellingOfItsID() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let (id, did) = (try registration.id("shout"), try registration.did("shout"))
                let legacy = did.replacingOccurrences(of: "did:dep:", with: "did:op:")
                let encoded = did.replacingOccurrences(of: "/", with: "%2F")
                let spellings = [
                    id, "0x\(id)", id.uppercased(), did, encoded, legacy, "did:dep:\(test.agent.id)/0x\(id)",
                    encoded.replacingOccurrences(of: ":", with: "%3A"),
                ]
                for spelling in spellings {
                    let shown = try await client.ask(.get, "/operations/\(spelling)")
                    #expect(shown.status == 200, "\(spelling)")
                    #expect(shown.json["did"]?.string == did)
                    let run = try await client.ask(.post, "/invoke/\(spelling)", as: .consumer, json: ["text": "hi"])
                    #expect(run.json["result"]?["loud"] == "HI!", "\(spelling)")
                }
                let shown = try await client.ask(.get, "/operations/\(id)/")
                #expect(shown.json["service"] == "everything")
                #expect(shown.json["modes"] == ["sync", "async"])
                #expect(shown.json["outputs"] == ["loud": ["type": "string"]])
                let statistics = try #require(shown.json["statistics"])
                #expect(statistics["succeeded"]?.int == spellings.count)
                #expect((statistics["median_ms"]?.int ?? -1) >= 0)
                let last = statistics["last"]?.array ?? []
                #expect(last.count == 5)
                for end in last {
                    #expect(end["state"] == "succeeded" && (end["ms"]?.int ?? -1) >= 0)
                    #expect(end["ended"]?.string?.wholeMatch(of: /20[-0-9]{8}T[0-9:.]+Z/) != nil)
                    #expect(end.object?.keys == ["state", "ended", "ms"])
                }
                let foreign = "did:dep:\(String(repeating: "0", count: 64))/\(id)"
                for unknown in [String(repeating: "0", count: 64), foreign, "shouting", "0x", "%ZZ", "%00", "%FF"] {
                    #expect(try await client.ask(.get, "/operations/\(unknown)").errorcode == 8105, "\(unknown)")
                }
            }
        }
    }
}
