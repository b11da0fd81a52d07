import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// The raw DEP-6 (dep.md §3, §4).
    @Suite struct SeedTests {
        @Test(.timeLimit(.minutes(5)))
        func anAsynchronousCallAnswersWithAJobThatCanBeReadAtOnce() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let content = try await client.asset(["name": "letters", "type": "dataset"], "abc", of: .consumer)
                let answer = try await client.ask(
                    .post,
                    "/invokeasync/\(registration.did("hash"))",
                    as: .consumer,
                    json: ["to_hash": ["did": .string("did:dep:\(test.agent.id)/\(content)"), "purchasetoken": ""]]
                )
                #expect(answer.status == 201)
                let job = try answer.string("jobid")
                #expect(answer.json == ["jobid": .string(job)])
                #expect((1...18).contains(job.count) && job.allSatisfy { $0.isASCII && $0.isNumber })
                let location = try #require(answer.header("Location"))
                #expect(location == "/jobs/result/\(job)")

                let now = try await client.ask(.get, location, as: .consumer)
                #expect(now.status == 200)
                #expect(["scheduled", "inprogress", "completed"].contains(now.word))

                let done = try await client.result(of: job)
                #expect(done.word == "completed")
                #expect(done.json["errorcode"] == nil)
                let did = try #require(done.json["result"]?["hash_val"]?["did"]?.string)
                #expect(done.json["result"] == ["hash_val": ["did": .string(did)]])
                let output = try await client.ask(.get, "/api/v1/assets/\(did)", as: .consumer)
                #expect(output.text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n")
                #expect(output.header("Content-Type") == "text/plain")

                let metadata = try await client.ask(.get, "/api/v1/meta/data/\(did)", as: .consumer)
                #expect(metadata.json["type"] == "dataset")
                let provenance = try #require(metadata.json["provenance"])
                #expect(provenance["activity"]?[job]?["prov:type"]?["$"] == "dep:invoke")
                #expect(provenance["entity"]?["did:dep:\(test.agent.id)/\(content)"]?["prov:type"]?["$"] == "dep:asset")
                // It has ended, so it reads the same for ever.
                #expect(try await client.ask(.get, location, as: .consumer).bytes == done.bytes)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aSynchronousCallAnswersWithTheResultOrTheFailure() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let shout = try await client.ask(
                    .post,
                    "/invoke/\(registration.did("shout"))",
                    as: .consumer,
                    json: ["text": "hi", "mark": .null]
                )
                #expect(shout.status == 200)
                let job = try shout.string("jobid")
                #expect(shout.json == ["jobid": .string(job), "status": "completed", "result": ["loud": "HI!"]])

                let failed = try await client.ask(
                    .post,
                    "/invoke/\(registration.id("failing"))",
                    as: .consumer,
                    json: ["text": "hi"]
                )
                #expect(failed.status == 200)
                #expect(failed.word == "error")
                #expect(failed.errorcode == 8005)
                #expect(failed.json["description"]?.string?.contains("out of luck") == true)
                #expect(failed.json["result"] == nil)
                let read = try await client.ask(.get, "/jobs/result/\(try failed.string("jobid"))", as: .consumer)
                #expect(read.bytes == failed.bytes)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aJobIsScheduledThenInProgressThenEndedAndAWaitEndsEarlyOrNotAtAll() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let service = Definition.service("narrow", concurrency: 1, ["slow": Definition.slow])
                let slow = try await client.register(service).id("slow")
                let first = try await client.start(slow, ["text": ""])
                try await eventually {
                    try await client.ask(.get, "/jobs/result/\(first)", as: .consumer).word == "inprogress"
                }
                let second = try await client.ask(
                    .post,
                    "/invoke/\(slow)",
                    as: .consumer,
                    json: ["text": ""],
                    headers: ["Prefer": "respond-async, wait=0"]
                )
                #expect(second.status == 200)
                #expect(second.word == "scheduled")
                #expect(second.header("Location") == "/jobs/result/\(try second.string("jobid"))")
                for headers in [["Prefer": "wait=0"], ["Prefer": "handling=strict, Wait=0"]] {
                    let path = "/jobs/result/\(first)"
                    #expect(try await client.ask(.get, path, as: .consumer, headers: headers).word == "inprogress")
                }

                let waiting = try second.string("jobid")
                #expect(try await client.ask(.post, "/jobs/\(waiting)/cancel", as: .consumer).status == 200)
                #expect(try await client.ask(.get, "/jobs/result/\(waiting)", as: .consumer).word == "error")

                // A wait ends with the job.
                async let result = client.result(of: first)
                #expect(try await client.ask(.post, "/jobs/\(first)/cancel", as: .consumer).status == 202)
                let ended = try await result
                #expect(ended.word == "error")
                #expect(ended.errorcode == 8208)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aWaitThatIsNoNumberIsRefusedBeforeAnythingRuns() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let cases: [(String, [String: String])] = [
                    ("?wait=soon", [:]), ("?wait=-1", [:]), ("?wait=1e3", [:]), ("?wait=", [:]),
                    ("", ["Prefer": "wait=soon"]), ("", ["Prefer": "wait=-1"]),
                    ("", ["Job-Timeout": "soon"]), ("", ["Job-Timeout": "0s"]), ("", ["Job-Timeout": "-5s"]),
                ]
                for (query, headers) in cases {
                    let answer = try await client.ask(
                        .post,
                        "/invoke/\(shout)\(query)",
                        as: .consumer,
                        json: ["text": "hi"],
                        headers: headers
                    )
                    #expect(answer.status == 400, "\(query) \(headers)")
                    #expect(answer.errorcode == 8103, "\(query) \(headers)")
                }
                let shown = try await client.ask(.get, "/operations/\(shout)")
                #expect(shown.json["statistics"]?["succeeded"] == 0)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func bothSpellingsOfThePurchaseTokenAreTakenAndTwoDifferentOnesAreNot() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let hash = try await client.register(Definition.everything).id("hash")
                let content = try await client.asset(["name": "letters"], "abc", of: .provider)
                for names in [["purchasetoken"], ["purchase_token"], ["purchase-token", "purchaseToken"]] {
                    let tokens = names.map { "\"\($0)\":\"t\"" }.joined(separator: ",")
                    let body = "{\"to_hash\":{\"did\":\"\(content)\",\(tokens)}}"
                    let answer = try await client.ask(.post, "/invoke/\(hash)", as: .consumer, body: Array(body.utf8))
                    // The asset is free, so the token does not matter.
                    #expect(answer.word == "completed", "\(answer.text)")
                }
                let answer = try await client.ask(
                    .post,
                    "/invoke/\(hash)",
                    as: .consumer,
                    json: ["to_hash": ["did": .string(content), "purchasetoken": "a", "purchase_token": "b"]]
                )
                #expect(answer.status == 400)
                #expect(answer.errorcode == 8101)
                #expect(answer.pointers == ["#/to_hash/purchase_token"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aDIDThatNamesNothingReadableIsNotAccessible() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let hash = try await client.register(Definition.everything).id("hash")
                let bare = try await client.asset(["name": "no content"], of: .consumer)
                // The sample of DEP-6 has 65 digits.
                let long = "did:op:" + String(repeating: "a", count: 65)
                let zeros = String(repeating: "0", count: 64)
                for did in [
                    long, "did:dep:\(zeros)", "did:dep:\(test.agent.id)/\(zeros)", zeros, bare, "anything", hash,
                ] {
                    let answer = try await client.ask(
                        .post,
                        "/invokeasync/\(hash)",
                        as: .consumer,
                        json: ["to_hash": ["did": .string(did)]]
                    )
                    #expect(answer.status == 400, "\(did)")
                    #expect(answer.errorcode == 8004, "\(did)")
                    #expect(answer.pointers == ["#/to_hash/did"])
                    #expect(answer.json["description"]?.string?.contains(did) == true)
                }
                // An asset by its DID without an agent (DEP-6 v1).
                let content = try await client.asset(["name": "letters"], "abc", of: .consumer)
                let path = "/invoke/\(hash)"
                for did in ["did:dep:\(content)", content, "0x\(content)", "did:dep:\(test.agent.id)/\(content)#x"] {
                    let body: JSON = ["to_hash": ["did": .string(did)]]
                    #expect(try await client.ask(.post, path, as: .consumer, json: body).word == "completed", "\(did)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anEmptyBodyStandsForNoInputs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let optional = Definition.operation(
                    "echo fine",
                    inputs: ["text": ["type": "string", "required": false]]
                )
                let id = try await client.register(Definition.service("easy", ["easy": optional])).id("easy")
                for body in ["", "  \r\n", "{}", #"{"text":null}"#] {
                    let answer = try await client.ask(.post, "/invoke/\(id)", as: .consumer, body: Array(body.utf8))
                    #expect(answer.json["result"]?["out"] == "fine", "\(body)")
                }
                #expect(try await client.ask(.post, "/invoke/\(id)", as: .consumer).word == "completed")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func badInputIsRefusedWithAPointerToEachFaultAndMakesNoJob() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let (shout, hash) = (try registration.id("shout"), try registration.id("hash"))
                let long = String(repeating: "é", count: 41)
                let cases: [(String, JSON, Set<String>)] = [
                    (shout, [:], ["#/text"]),
                    (shout, ["text": .null, "colour": "red", "a/b": 1], ["#/text", "#/colour", "#/a~1b"]),
                    (shout, ["text": 5, "mark": "."], ["#/text", "#/mark"]),
                    (shout, ["text": .string(long)], ["#/text"]),
                    (shout, ["text"], ["#"]), (shout, "text", ["#"]), (shout, .null, ["#"]),
                    (hash, ["to_hash": "did:dep:1"], ["#/to_hash"]),
                    (hash, ["to_hash": [:]], ["#/to_hash/did"]),
                    (hash, ["to_hash": ["did": 7]], ["#/to_hash/did"]),
                    (hash, ["to_hash": ["did": "", "size": 3]], ["#/to_hash/did", "#/to_hash/size"]),
                    (hash, ["to_hash": ["did": "x", "purchasetoken": 5]], ["#/to_hash/purchasetoken"]),
                ]
                for (operation, body, pointers) in cases {
                    for path in ["/invoke/\(operation)", "/invokeasync/\(operation)"] {
                        let answer = try await client.ask(.post, path, as: .consumer, json: body)
                        #expect(answer.status == 400, "\(body)")
                        #expect(answer.errorcode == 8101, "\(body)")
                        #expect(answer.pointers == pointers, "\(body)")
                    }
                }
                #expect(try await test.store.poolsWithWork().isEmpty)
            }
        }
    }
}
