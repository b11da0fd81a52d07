import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// What a client asks before it logs in (dep.md §6), and what pages of other sites may ask.
    @Suite struct DiscoveryTests {
        @Test(.timeLimit(.minutes(5)))
        func theDocumentNamesEveryServiceUnderThePublicURL() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                // A host that a caller makes up goes nowhere.
                let answer = try await client.ask(.get, "/api/ddo", headers: ["Host": "elsewhere.example"])
                #expect(answer.status == 200)
                #expect(answer.json["@context"] == "https://www.w3.org/2019/did/v1")
                #expect(answer.json["id"]?.string == DID(agent: test.agent.id).description)
                let services = answer.json["service"]?.array ?? []
                let endpoints = services.map { "\($0["type"]?.string ?? "") \($0["serviceEndpoint"]?.string ?? "")" }
                #expect(
                    endpoints == [
                        "DEP.Meta.v1 https://agent.example/api/v1/meta",
                        "DEP.Storage.v1 https://agent.example/api/v1/assets",
                        "DEP.Invoke.v1 https://agent.example/api/v1/invoke",
                        "DEP.Auth.v1 https://agent.example/api/v1/auth",
                        "DEP.Market.v1 https://agent.example/api/v1/market",
                        "DEP.Trust.v1 https://agent.example/api/v1/trust",
                        "DEP.Collection.v1 https://agent.example/api/v1/collection",
                        "DEP.Status https://agent.example/api/status", "DEP.DDO https://agent.example/api/ddo",
                    ]
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theStatusNamesTheAgentAndCountsItsJobs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let answer = try await client.ask(.get, "/api/status")
                #expect(answer.json["name"] == "test")
                #expect(answer.json["description"] == "An agent to test with.")
                #expect(answer.json["api-versions"] == ["v1"])
                #expect(answer.json["custom"]?["version"] == "test")
                #expect(answer.json["custom"]?["jobs"] == ["waiting": 0, "running": 0])
                #expect(answer.json["custom"]?["uptime"]?.int.map { $0 >= 0 } == true)

                // One runs, and the service's other job waits for its end.
                var service = Definition.service("naps", ["nap": Definition.operation("sleep 3")]).object ?? [:]
                service["pool"] = ["concurrency": 1]
                let nap = try await client.register(.object(service)).id("nap")
                let jobs = [try await client.start(nap, ["text": "a"]), try await client.start(nap, ["text": "b"])]
                try await eventually {
                    let status = try await client.ask(.get, "/api/status")
                    return status.json["custom"]?["jobs"] == ["waiting": 1, "running": 1]
                }
                for job in jobs { _ = try await client.ask(.post, "/jobs/\(job)/cancel", as: .consumer) }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func slashesThatClientsDoubleOrAppendChangeNothing() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["name": "rows"], "abc", of: .consumer)
                for path in ["//api//v1/meta/data/\(id)", "/api/v1/meta/data/\(id)/", "/api/v1//assets//\(id)//"] {
                    #expect(try await client.ask(.get, path).status == 200, "\(path)")
                }
                #expect(try await client.ask(.get, "/api/v1/meta/data/").json.array == [.string(id)])
                let unknown = try await client.ask(.get, "//jobs//result//1/", as: .consumer)
                #expect(unknown.status == 400, "the seed's words hold however its path is written")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPageOfAnAllowedSiteMayCallAndReadErrors() async throws {
            let test = try await TestAgent()
            try await test.run(origins: ["https://market.example"]) { client in
                let origin = ["Origin": "https://market.example"]
                let preflight = try await client.ask(
                    .options,
                    "/invokeasync/x",
                    headers: origin.merging(["Access-Control-Request-Method": "POST"]) { $1 }
                )
                #expect(preflight.status == 204)
                #expect(preflight.header("Access-Control-Allow-Methods")?.contains("POST") == true)
                #expect(preflight.header("Access-Control-Allow-Headers")?.hasPrefix("Authorization") == true)
                for path in ["/operations", "/nowhere", "/accounts"] {
                    let answer = try await client.ask(.get, path, headers: origin)
                    #expect(answer.header("Access-Control-Allow-Origin") == "https://market.example", "\(path)")
                    #expect(answer.header("Access-Control-Expose-Headers") == "*")
                    #expect(answer.header("Vary") == "Origin")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPageOfAnotherSiteIsToldNothing() async throws {
            let test = try await TestAgent()
            for origins in [["https://market.example"], []] as [Set<String>] {
                try await test.run(origins: origins) { client in
                    let origin = ["Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"]
                    let preflight = try await client.ask(.options, "/invokeasync/x", headers: origin)
                    #expect(preflight.status == 405)
                    #expect(preflight.header("Access-Control-Allow-Origin") == nil)
                    let answer = try await client.ask(.get, "/operations", headers: origin)
                    #expect(answer.status == 200)
                    #expect(answer.header("Access-Control-Allow-Origin") == nil)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAsteriskAllowsAllSites() async throws {
            let test = try await TestAgent()
            try await test.run(origins: ["*"]) { client in
                let answer = try await client.ask(.get, "/operations", headers: ["Origin": "https://elsewhere.example"])
                #expect(answer.header("Access-Control-Allow-Origin") == "*")
                // A program that is no page sends no origin, and is told nothing of them.
                #expect(try await client.ask(.get, "/operations").header("Access-Control-Allow-Origin") == nil)
            }
        }
    }
}
