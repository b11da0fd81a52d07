import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// What admins look at.
    @Suite(.timeLimit(.minutes(5))) struct OperatorRoutesTests {
        @Test func aPoolTellsWhatRunsAndWhatWaits() async throws {
            var limits = AgentLimits()
            limits.slots = 3
            let test = try await TestAgent(limits: limits)
            try await test.run { client in
                func pools(_ query: String = "") async throws -> JSON {
                    try await client.ask(.get, "/pools" + query, as: .admin).json
                }
                #expect(try await pools() == ["pools": []])
                let slow: JSON = ["slow": Definition.slow]
                let operation = try await client.register(Definition.service("busy", concurrency: 1, slow)).id("slow")
                var idle = Definition.service("idle", ["shout": Definition.shout()]).object ?? [:]
                idle["pool"] = ["queue": 7]
                _ = try await client.register(.object(idle))
                for _ in 0..<3 { _ = try await client.start(operation, ["text": ""]) }
                try await eventually { try await pools()["pools"]?.array?.first?["running"] == 1 }

                let both = try #require(try await pools()["pools"]?.array)
                #expect(both.count == 2)
                #expect(both[0]["service"] == "busy" && both[0]["concurrency"] == 1)
                #expect(both[0]["waiting"] == 2 && both[0]["queue"] == 1000)
                #expect((both[0]["oldest_seconds"]?.int).map { (0..<60).contains($0) } == true)
                let still: JSON = ["service": "idle", "concurrency": 3, "running": 0, "waiting": 0, "queue": 7]
                #expect(both[1] == still)

                let first = try await pools("?limit=1")
                #expect(first["pools"]?.array == [both[0]])
                let cursor = try #require(first["next_cursor"]?.string)
                #expect(try await pools("?limit=1&cursor=\(cursor)") == ["pools": [still]])
                try await client.cancelAll()
                for caller in [Caller.provider, .consumer] {
                    #expect(try await client.ask(.get, "/pools", as: caller).errorcode == 8111)
                }
            }
        }
    }
}
