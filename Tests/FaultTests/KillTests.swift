import Foundation
import InvokeModel
import InvokeTesting
import Synchronization
import Testing

/// The jobs that an agent has acknowledged, with the word each was given.
private final class Acknowledgements: Sendable {
    private let words = Mutex<[String: String]>([:])

    var all: [String: String] { words.withLock { $0 } }

    func add(_ job: String, _ word: String) { words.withLock { $0[job] = word } }
}

/// What an acknowledgement is worth: the agent is killed without warning, again and again.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct KillTests {
    @Test func everyAcknowledgedJobEndsExactlyOnceAcrossKills() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        var agent = try await AgentProcess.start(data: data)
        let operation = try await AgentClient(url: agent.url).registerWork(
            "sleep 0.05; printf %s \"$INVOKE_INPUT_WORD\""
        )
        let acknowledged = Acknowledgements()

        for _ in 0..<5 {
            let victim = agent
            let client = AgentClient(url: victim.url)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        // Until the agent is gone.
                        while let word = Optional(UUID().uuidString),
                            let job = try? await client.invoke(operation, word)
                        {
                            acknowledged.add(job, word)
                        }
                    }
                }
                try? await Task.sleep(for: .milliseconds(.random(in: 100...600)))
                victim.kill()
            }
            agent = try await AgentProcess.start(data: data)
        }

        let client = AgentClient(url: agent.url)
        let jobs = acknowledged.all
        #expect(!jobs.isEmpty)
        for (job, word) in jobs {
            let first = try await client.result(of: job)
            // A job that was running at three of the kills has failed for that reason (promise J5).
            if first["errorcode"] != 8207 {
                #expect(first["status"] == "completed", "job \(job): \(first.text)")
                #expect(first["result"]?["echo"]?.string == word)
            }
            let second = try await client.result(of: job)
            #expect(first == second)
        }
        _ = try await agent.terminate()
        let file = try StoreFile(data + "/agent.sqlite")
        #expect(file.isWhole)
        #expect(file.jobs >= jobs.count)
        #expect(file.openJobs == 0)
        #expect(file.jobsEndedTwice == 0)
    }

    @Test func aKilledAgentLeavesNoProgramRunning() async throws {
        let folder = try TemporaryFolder()
        let agent = try await AgentProcess.start(data: folder.path + "/data")
        let client = AgentClient(url: agent.url)
        let marker = "\(UInt32.random(in: 100_000...999_999))"
        let operation = try await client.registerWork("setsid sh -c 'sleep 1\(marker)' & sleep 1\(marker)")
        let job = try #require(try await client.invoke(operation, "x"))
        try await eventually { try await client.send("GET", "/jobs/\(job)").body["status"] == "running" }
        try await eventually { Self.processes(naming: "1\(marker)") >= 2 }
        agent.kill()
        try await eventually(within: .seconds(5)) { Self.processes(naming: "1\(marker)") == 0 }
    }

    private static func processes(naming text: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).hasPrefix("sleep\0\(text)")
        }.count
    }

    @Test func aJobThatWasRunningIsRunAgainAndToldItsAttempt() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        let agent = try await AgentProcess.start(data: data)
        let client = AgentClient(url: agent.url)
        let operation = try await client.registerWork(
            "[ $INVOKE_ATTEMPT -gt 1 ] || sleep 60; printf %s $INVOKE_ATTEMPT"
        )
        let job = try #require(try await client.invoke(operation, "x"))
        try await eventually { try await client.send("GET", "/jobs/\(job)").body["status"] == "running" }
        agent.kill()
        let next = try await AgentProcess.start(data: data)
        let result = try await AgentClient(url: next.url).result(of: job)
        #expect(result["result"]?["echo"] == "2")
    }

    @Test func theTermSignalEndsTheAgentInGoodOrderAndTheJobGoesOnAfterwards() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        let agent = try await AgentProcess.start(data: data, options: ["--drain-grace", "1s", "--kill-grace", "1s"])
        let client = AgentClient(url: agent.url)
        let operation = try await client.registerWork(
            "[ $INVOKE_ATTEMPT -gt 1 ] || sleep 60; printf %s $INVOKE_ATTEMPT"
        )
        let job = try #require(try await client.invoke(operation, "x"))
        try await eventually { try await client.send("GET", "/jobs/\(job)").body["status"] == "running" }
        #expect(try await agent.terminate() == 0)
        let next = try await AgentProcess.start(data: data)
        let result = try await AgentClient(url: next.url).result(of: job)
        #expect(result["result"]?["echo"] == "2")
        #expect(try await next.terminate() == 0)
    }
}
