import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// A job beyond its result (agent.md §5).
    @Suite struct JobRoutesTests {
        @Test(.timeLimit(.minutes(5)))
        func aJobIsShownInTheWordsOfV1WithTheSeedsResultBeside() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let job = try await client.start(registration.id("shout"), ["text": "hi"])
                #expect(try await client.result(of: job).word == "completed")
                let shown = try await client.ask(.get, "/jobs/\(job)", as: .consumer)
                #expect(shown.status == 200)
                for key in ["job-id", "jobid", "jobId"] { #expect(shown.json[key] == .string(job)) }
                for key in ["outputs", "results", "result"] { #expect(shown.json[key] == ["loud": "HI!"]) }
                #expect(shown.word == "succeeded")
                #expect(shown.json["operation"] == .string(try registration.did("shout")))
                #expect(shown.json["attempts"] == 1)

                let failed = try await client.start(registration.id("failing"), ["text": "hi"])
                _ = try await client.result(of: failed)
                let failure = try await client.ask(.get, "/jobs/\(failed)", as: .consumer)
                #expect(failure.word == "failed")
                #expect(failure.errorcode == 8005)
                #expect(failure.json["error"]?["errorcode"] == 8005)
                #expect(failure.json["error"]?["description"] == failure.json["description"])
                #expect(failure.json["outputs"] == nil)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aLogHoldsWhatTheProgramSaid() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                for (operation, words) in [("shout", ["heard", "HI!"]), ("failing", ["out of luck"])] {
                    let job = try await client.start(registration.id(operation), ["text": "hi"])
                    _ = try await client.result(of: job)
                    let log = try await client.ask(.get, "/jobs/\(job)/logs", as: .consumer)
                    #expect(log.status == 200)
                    #expect(log.header("Content-Type") == "text/plain; charset=utf-8")
                    for word in words { #expect(log.text.contains(word)) }
                }
                #expect(try await client.ask(.get, "/jobs/1/logs", as: .consumer).status == 404)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func cancellingEndsAWaitingJobAtOnceARunningOneSoonAndAnEndedOneNever() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let service = Definition.service(
                    "narrow",
                    concurrency: 1,
                    ["slow": Definition.slow, "shout": Definition.shout()]
                )
                let registration = try await client.register(service)
                let shout = try await client.start(registration.id("shout"), ["text": "hi"])
                #expect(try await client.result(of: shout).word == "completed")
                let late = try await client.ask(.post, "/jobs/\(shout)/cancel", as: .consumer)
                #expect(late.status == 409)
                #expect(late.errorcode == 8131)

                let running = try await client.start(registration.id("slow"), ["text": ""])
                try await eventually {
                    try await client.ask(.get, "/jobs/\(running)", as: .consumer).word == "running"
                }
                let waiting = try await client.start(registration.id("slow"), ["text": ""])
                let first = try await client.ask(.post, "/jobs/\(waiting)/cancel", as: .consumer)
                #expect(first.status == 200)
                #expect(first.word == "cancelled")
                #expect(first.errorcode == 8208)
                // Once more is no error and changes nothing.
                let again = try await client.ask(.post, "/jobs/\(waiting)/cancel", as: .consumer)
                #expect(again.status == 200)
                #expect(again.bytes == first.bytes)

                let asked = try await client.ask(.post, "/jobs/\(running)/cancel", as: .consumer)
                #expect(asked.status == 202)
                #expect(asked.word == "running")
                let ended = try await client.result(of: running)
                #expect(ended.word == "error")
                #expect(ended.errorcode == 8208)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aJobsTimeoutIsTheCallersToShorten() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let slow = try await client.register(Definition.everything).id("slow")
                let job = try await client.start(slow, ["text": ""], headers: ["Job-Timeout": "300ms"])
                let ended = try await client.result(of: job)
                #expect(ended.word == "error")
                #expect(ended.errorcode == 8200)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aWebhooksURLAndEventsAreJudgedBeforeTheJobIsMade() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let cases: [([String: String], Int)] = [
                    (["Webhook-URL": "not a url"], 8171),
                    (["Webhook-URL": "ftp://example.com/"], 8171),
                    (["Webhook-URL": "https://user:word@example.com/"], 8171),
                    (["Webhook-URL": "https://example.com/", "Webhook-Events": "job.exploded"], 8171),
                    (["Webhook-URL": "https://10.0.0.1/"], 8170),
                    (["Webhook-URL": "http://192.168.1.1/hook"], 8170),
                    (["Webhook-URL": "https://[::1]/"], 8170),
                    (["Webhook-URL": "https://169.254.169.254/latest/meta-data"], 8170),
                ]
                for (headers, code) in cases {
                    let answer = try await client.ask(
                        .post,
                        "/invokeasync/\(shout)",
                        as: .consumer,
                        json: ["text": "hi"],
                        headers: headers
                    )
                    #expect(answer.status == 400, "\(headers)")
                    #expect(answer.errorcode == code, "\(headers)")
                }
                #expect(try await test.store.poolsWithWork().isEmpty)

                let headers = [
                    "Webhook-URL": "http://127.0.0.1:9999/hook", "Webhook-Events": "job.failed, job.succeeded",
                ]
                let job = try await client.start(shout, ["text": "hi"], headers: headers)
                #expect(try await client.result(of: job).word == "completed")
                let deliveries = try await test.store.deliveries(of: try #require(JobID(job)))
                #expect(deliveries.count == 1)
            }
        }
    }
}
