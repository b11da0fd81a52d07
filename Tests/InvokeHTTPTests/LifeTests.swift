import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// What is told of the life of jobs, and of the agent's own (reliability promises O1 and O4; agent.md, section 5).
    @Suite struct LifeTests {
        @Test(.timeLimit(.minutes(5)))
        func aJobTellsWhyItWaitsAndHowItsAttemptsWent() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let slow = try await client.register(
                    Definition.service("narrow", concurrency: 1, ["slow": Definition.slow])
                ).id("slow")
                let running = try await client.start(slow, ["text": ""])
                let waiting = try await client.start(slow, ["text": ""])
                try await eventually {
                    try await client.ask(.get, "/jobs/\(running)", as: .consumer).word == "running"
                }
                let shown = try await client.ask(.get, "/jobs/\(waiting)", as: .consumer)
                #expect(shown.json["waiting"]?["reason"] == "pool_full")
                #expect(shown.json["waiting"]?["ahead"] == 0)
                #expect(shown.json["waiting"]?["detail"]?.string?.isEmpty == false)
                #expect(shown.json["history"] == [])
                let other = try await client.ask(.get, "/jobs/\(running)", as: .consumer)
                #expect(other.json["waiting"] == nil)
                #expect(other.json["history"]?.array?.count == 1)
                for job in [waiting, running] { _ = try await client.ask(.post, "/jobs/\(job)/cancel", as: .consumer) }
                _ = try await client.result(of: running)
                let ended = try await client.ask(.get, "/jobs/\(running)", as: .consumer)
                let attempt = try #require(ended.json["history"]?.array?.first)
                #expect(attempt["attempt"] == 1 && attempt["started"] != nil && attempt["ended"] != nil)
                #expect(attempt["cause"]?.string?.isEmpty == false)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theFiguresAreForAdmins() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                _ = try await client.result(of: client.start(shout, ["text": "hi"]))
                #expect(try await client.ask(.get, "/metrics", as: .consumer).status == 403)
                #expect(try await client.ask(.get, "/metrics").status == 401)
                let answer = try await client.ask(.get, "/metrics", as: .admin)
                #expect(answer.status == 200)
                #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
                let lines = answer.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
                for line in lines {
                    let parts = line.split(separator: " ")
                    #expect(parts.count == 2 && parts[0].hasPrefix("invoke_agent_"), "\(line)")
                    #expect(Double(parts.last ?? "") != nil, "\(line)")
                }
                #expect(lines.contains("invoke_agent_jobs_waiting 0"))
                #expect(lines.contains("invoke_agent_draining 0"))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theLastHourIsForAdmins() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let ids = try await client.register(Definition.everything)
                _ = try await client.result(of: client.start(ids.id("shout"), ["text": "hi"]))
                #expect(try await client.ask(.get, "/rates").status == 401)
                #expect(try await client.ask(.get, "/rates", as: .consumer).status == 403)
                let answer = try await client.ask(.get, "/rates", as: .admin)
                #expect(answer.status == 200)
                let minutes = try #require(answer.json["minutes"]?.array)
                #expect(minutes.count == 60)
                func sum(_ name: String) -> Int { minutes.compactMap { $0[name]?.int }.reduce(0, +) }
                #expect(sum("accepted") == 1 && sum("succeeded") == 1 && sum("failed") == 0 && sum("cancelled") == 0)
                #expect(minutes.first?["open"] == 0 && minutes.last?["open"] == 0)
                let now = try #require(answer.json["now"])
                #expect(now["waiting"] == 0 && now["running"] == 0 && now["draining"] == false)
                #expect(now["resident_bytes"]?.int ?? 0 > 0)
                #expect(now["open_descriptors"]?.int ?? 0 < now["descriptor_limit"]?.int ?? 0)
                #expect(now["disk_left_bytes"]?.int ?? 0 > 0)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAgentThatShutsDownSendsRequestsAway() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                #expect(try await client.ask(.get, "/ready").status == 200)
                test.agent.lifecycle.beginDraining()
                for path in ["/ready", "/services", "/jobs/1", "/invokeasync/x"] {
                    let method: HTTPRequest.Method = path.hasPrefix("/invoke") ? .post : .get
                    let response = try await client.execute(uri: path, method: method)
                    let answer = Answer(response)
                    #expect(answer.status == 503 && answer.errorcode == 8161, "\(path)")
                    #expect(answer.header("Retry-After") != nil)
                }
                #expect(try await client.ask(.get, "/health").status == 200)
                #expect(try await client.ask(.get, "/metrics", as: .admin).text.contains("invoke_agent_draining 1\n"))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aWaitEndsWithTheAgent() async throws {
            let test = try await TestAgent()
            let operation = try await test.shell("slow", "sleep 600")
            let id = try await test.invoke(operation)
            async let job = test.ended(id)
            test.store.signals.stopWaits()
            #expect(try await job.state == .scheduled)
        }
    }
}
