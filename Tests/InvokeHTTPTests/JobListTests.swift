import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// A caller's own jobs: listed, run again, removed (agent.md §5).
    @Suite struct JobListTests {
        private static func ids(_ answer: Answer) -> [String] {
            answer.json["jobs"]?.array?.compactMap { $0["jobid"]?.string } ?? []
        }

        @Test(.timeLimit(.minutes(5)))
        func aWalkThroughThePagesMeetsEachOwnJobOnceNewestFirst() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                var started: [String] = []
                for _ in 0..<7 {
                    started.append(try await client.start(registration.id("shout"), ["text": "hi"]))
                }
                _ = try await client.start(registration.id("shout"), ["text": "hi"], as: .other)
                var walked: [String] = []
                var cursor: String?
                repeat {
                    let page = try await client.ask(
                        .get,
                        "/jobs?limit=3" + (cursor.map { "&cursor=\($0)" } ?? ""),
                        as: .consumer
                    )
                    #expect(page.status == 200)
                    walked += Self.ids(page)
                    cursor = page.json["next_cursor"]?.string
                    // What comes meanwhile is newer than the page and does not shift it.
                    _ = try await client.start(registration.id("shout"), ["text": "late"])
                } while cursor != nil
                #expect(walked == started.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) })
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func filtersTakeWhatTheyNameAndRefuseWhatTheyCannotRead() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let good = try await client.start(registration.id("shout"), ["text": "hi"])
                let bad = try await client.start(registration.id("failing"), ["text": "hi"])
                for job in [good, bad] { _ = try await client.result(of: job) }
                for (query, expected) in [
                    ("status=succeeded", [good]), ("status=failed", [bad]), ("status=running", []),
                    ("operation=\(try registration.id("failing"))", [bad]), ("service=everything", [bad, good]),
                    ("service=nothing", []), ("since=2030-01-01T00:00:00Z", []),
                    ("since=2020-01-01T00:00:00Z&status=failed", [bad]),
                ] {
                    let answer = try await client.ask(.get, "/jobs?\(query)", as: .consumer)
                    #expect(Set(Self.ids(answer)) == Set(expected), "\(query)")
                }
                for query in ["status=done", "operation=x", "since=yesterday", "limit=0", "limit=201", "cursor=-"] {
                    let answer = try await client.ask(.get, "/jobs?\(query)", as: .consumer)
                    #expect(answer.status == 400, "\(query)")
                    #expect(answer.errorcode == 8103, "\(query)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anEndedJobRunsAgainOnItsInputsAsANewOne() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let asset = try await client.asset(["name": "a", "type": "dataset"], "abc", of: .consumer)
                let job = try await client.start(registration.id("hash"), ["to_hash": ["did": .string(asset)]])
                let first = try await client.result(of: job)
                let again = try await client.ask(.post, "/jobs/\(job)/retry", as: .consumer)
                #expect(again.status == 201)
                let second = try await client.result(of: again.string("jobid"))
                #expect(second.word == "completed")
                #expect(second.json["jobid"] != first.json["jobid"])
                let running = try await client.start(registration.id("slow"), ["text": ""])
                #expect(try await client.ask(.post, "/jobs/\(running)/retry", as: .consumer).status == 409)
                _ = try await client.ask(.post, "/jobs/\(running)/cancel", as: .consumer)
                _ = try await client.result(of: running)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRemovedJobIsGoneAndWhatItMadeStays() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let asset = try await client.asset(["name": "a", "type": "dataset"], "abc", of: .consumer)
                let job = try await client.start(
                    registration.id("hash"),
                    ["to_hash": ["did": .string(asset)]],
                    headers: ["Idempotency-Key": "once"]
                )
                let made = try await client.result(of: job).json["result"]?["hash_val"]?["did"]?.string
                #expect(try await client.ask(.delete, "/jobs/\(job)", as: .other).status == 404)
                #expect(try await client.ask(.delete, "/jobs/\(job)", as: .provider).status == 403)
                #expect(try await client.ask(.delete, "/jobs/\(job)", as: .consumer).status == 204)
                #expect(try await client.ask(.get, "/jobs/\(job)", as: .consumer).status == 404)
                let content = try await client.ask(.get, "/api/v1/assets/\(try #require(made))", as: .consumer)
                #expect(content.status == 200)
                let running = try await client.start(registration.id("slow"), ["text": ""])
                #expect(try await client.ask(.delete, "/jobs/\(running)", as: .consumer).status == 409)
                _ = try await client.ask(.post, "/jobs/\(running)/cancel", as: .consumer)
                _ = try await client.result(of: running)
            }
        }
    }
}
