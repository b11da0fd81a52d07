import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// Invocation in DEP v1 (dep.md §3, §19.6, 7 and 10).
    @Suite struct InvokeV1Tests {
        @Test(.timeLimit(.minutes(5)))
        func oneOperationFourWaysGivesEqualOutputsEachInItsOwnWords() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let did = try registration.did("shout")
                let raw = try await client.ask(.post, "/invoke/\(did)", as: .consumer, json: ["text": "hi"])
                #expect(raw.json["result"] == ["loud": "HI!"])
                #expect(
                    try await client.result(of: client.start(did, ["text": "hi"])).json["result"] == ["loud": "HI!"]
                )

                let id = try registration.id("shout")
                for reference in [id, "0x\(id)", did, did.replacing("/", with: "%2F")] {
                    let answer = try await client.ask(
                        .post,
                        "/api/v1/invoke/sync/\(reference)",
                        as: .consumer,
                        json: ["text": "hi"]
                    )
                    #expect(answer.status == 200)
                    let job = JSON.string(try answer.string("jobid"))
                    let outputs: JSON = ["loud": "HI!"]
                    #expect(
                        answer.json == [
                            "job-id": job, "jobid": job, "jobId": job, "status": "succeeded", "outputs": outputs,
                            "results": outputs,
                        ]
                    )
                }
                let started = try await client.ask(
                    .post,
                    "/api/v1/invoke/async/\(did)",
                    as: .consumer,
                    json: ["text": "hi"]
                )
                #expect(started.status == 201)
                let id1 = try started.string("jobid")
                let job = JSON.string(id1)
                #expect(started.json == ["job-id": job, "jobid": job, "jobId": job, "status": "scheduled"])
                #expect(started.header("Location") == "/api/v1/invoke/jobs/\(id1)")
                let ended = try await client.ask(.get, "/api/v1/invoke/jobs/\(id1)?wait=50", as: .consumer)
                #expect(ended.word == "succeeded" && ended.json["outputs"] == ["loud": "HI!"])
                #expect(try await client.ask(.get, "/api/v1/invoke/jobs/\(id1)", as: .consumer).bytes == ended.bytes)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aFailureIsToldFlatAndNestedWithoutOutputs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let failing = try await client.register(Definition.everything).id("failing")
                let failed = try await client.ask(
                    .post,
                    "/api/v1/invoke/sync/\(failing)",
                    as: .consumer,
                    json: ["text": "hi"]
                )
                #expect(failed.status == 200 && failed.word == "failed" && failed.errorcode == 8005)
                let description = try failed.string("description")
                #expect(description.contains("out of luck"))
                #expect(failed.json["error"] == ["errorcode": 8005, "description": .string(description)])
                #expect(failed.json["outputs"] == nil && failed.json["results"] == nil)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func refusalsAreThoseOfV1() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let service = Definition.service(
                    "priced",
                    ["shout": Definition.shout(price: ["amount": "5", "currency": "EUR"])]
                )
                let priced = try await client.register(service).id("shout")
                let nowhere = String(repeating: "0", count: 64)
                let cases: [(HTTPRequest.Method, String, JSON?, Int, Int)] = [
                    (.post, "async/\(priced)", ["text": "hi"], 403, 8003),
                    (.post, "sync/\(priced)", ["nothing": "hi"], 400, 8101),
                    (.post, "sync/\(nowhere)", [:], 404, 8105),
                    (.get, "jobs/1", nil, 404, 8001),
                ]
                for (method, path, body, status, code) in cases {
                    let answer = try await client.ask(method, "/api/v1/invoke/\(path)", as: .consumer, json: body)
                    #expect(answer.status == status && answer.errorcode == code, "\(path): \(answer.text)")
                    #expect(answer.json["error"]?["errorcode"]?.int == code)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRepeatedRequestTellsHowFarItsJobIs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let path = "/api/v1/invoke/async/\(try await client.register(Definition.everything).id("shout"))"
                let headers = ["Idempotency-Key": "once"]
                let first = try await client.ask(.post, path, as: .consumer, json: ["text": "hi"], headers: headers)
                let job = try first.string("jobid")
                _ = try await client.result(of: job)
                let again = try await client.ask(.post, path, as: .consumer, json: ["text": "hi"], headers: headers)
                #expect(again.status == 201 && again.word == "succeeded")
                #expect(try again.string("jobId") == job)
                #expect(again.header("Idempotency-Replayed") == "true")
            }
        }
    }
}
