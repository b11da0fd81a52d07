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

        @Test func enginesAreToldToAllAndTheirFaultsToAdmins() async throws {
            let well = EngineCondition(version: "v1", cpus: .init(total: 8, used: 1.5), demands: [.memory: .enforced])
            let away = EngineCondition(fault: "nobody answers at /run/slurm.sock")
            try await TestAgent().run(engines: { [(.process, well), (.slurm, away)] }) { client in
                let process: JSON = [
                    "engine": "process", "available": true, "version": "v1",
                    "cpus": ["total": 8, "used": .number(JSONNumber(validText: "1.5"))],
                    "demands": ["memory": "enforced"],
                ]
                let slurm: JSON = ["engine": "slurm", "available": false, "demands": [:]]
                #expect(try await client.ask(.get, "/engines", as: .consumer).json == ["engines": [process, slurm]])
                let told = try await client.ask(.get, "/engines", as: .admin).json["engines"]?.array?.last
                #expect(told?["fault"] == "nobody answers at /run/slurm.sock")
                #expect(try await client.ask(.get, "/engines", as: .nobody).status == 401)
            }
        }

        @Test func whatAClusterMayRunHasAPoolForEachEngineUnlessItSaysOtherwise() async throws {
            var limits = AgentLimits()
            limits.engines = [.process, .slurm]
            limits.slots = 2
            limits.clusterSlots = [.slurm: 50]
            try await TestAgent(limits: limits).run { client in
                let both = ["process": 2, "slurm": 50]
                for (name, engines, concurrency, slots, pools) in [
                    ("one", ["slurm", "process"], nil, 52, both),
                    ("two", ["container", "slurm"], nil, 50, ["slurm": 50]),
                    ("three", ["process", "slurm"], ["process": 3], 53, ["process": 3, "slurm": 50]),
                    ("four", ["slurm", "process"], 7, 7, nil), ("five", ["process"], ["process": 4], 4, ["process": 4]),
                ] as [(String, [String], JSON?, Int, [String: Int]?)] {
                    let run: JSON = ["engine": .array(engines.map(JSON.string)), "command": ["cat"]]
                    var operation = Definition.shout().object ?? [:]
                    operation["run"] = run
                    var service = Definition.service(name, ["run": .object(operation)]).object ?? [:]
                    service["pool"] = concurrency.map { ["concurrency": $0] }
                    _ = try await client.register(.object(service))
                    let told = try await client.ask(.get, "/pools", as: .admin).json["pools"]?.array?.last
                    #expect(told?["concurrency"]?.int == slots, "\(name)")
                    let engines = told?["engines"]?.object?.compactMap { ($0.key, $0.value["concurrency"]?.int ?? 0) }
                    #expect(engines.map { Dictionary(uniqueKeysWithValues: $0) } == pools, "\(name)")
                }
            }
        }
    }
}
