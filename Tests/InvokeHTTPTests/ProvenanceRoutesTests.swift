import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// Provenance as it is asked for (dep.md §12; agent.md §5).
    @Suite struct ProvenanceRoutesTests {
        /// A service, a public asset, and jobs that each hash what the one before made.
        private struct Chain {
            let agent: AgentID
            let operation: String
            /// DIDs: the first was registered, each other one made of the one before.
            let assets: [String]
            let jobs: [String]

            init(
                _ client: some TestClientProtocol,
                _ test: TestAgent,
                length: Int,
                of caller: Caller = .consumer
            ) async throws {
                agent = test.agent.id
                let registration = try await client.register(Definition.everything)
                operation = try registration.did("hash")
                let content = try await client.asset(["name": "letters"], "abc", of: caller)
                var (assets, jobs) = (["did:dep:\(agent)/\(content)"], [String]())
                for _ in 0..<length {
                    let run = try await client.hash(assets[assets.count - 1], operation, as: caller)
                    jobs.append(run.job)
                    assets.append(run.asset)
                }
                (self.assets, self.jobs) = (assets, jobs)
            }

            func path(_ index: Int, _ query: String = "") -> String {
                "/api/v1/meta/data/\(assets[index].suffix(64))/provenance\(query)"
            }
        }

        private static func pairs(_ document: JSON, _ relation: String, _ one: String, _ other: String) -> Set<String> {
            Set(
                (document[relation]?.object ?? [:]).values.map {
                    "\($0["prov:\(one)"]?.string ?? "") \($0["prov:\(other)"]?.string ?? "")"
                }
            )
        }

        private static func entities(_ answer: Answer) -> Set<String> {
            Set(answer.json["entity"]?.object?.keys.elements ?? [])
        }

        @Test(.timeLimit(.minutes(5)))
        func aChainOfJobsIsToldOfFromBothEnds() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 3)
                let (assets, jobs) = (chain.assets, chain.jobs)
                let up = try await client.ask(.get, chain.path(3), as: .consumer)
                let down = try await client.ask(.get, chain.path(0, "?direction=down"), as: .consumer)
                for answer in [up, down] {
                    #expect(answer.status == 200)
                    #expect(answer.header("Content-Type") == "application/json")
                    #expect(answer.header("Link") == nil)
                    let document = answer.json
                    #expect(document["activity"]?.object?.keys.count == 3)
                    let made = Set((0..<3).map { "\(assets[$0 + 1]) \(jobs[$0])" })
                    #expect(Self.pairs(document, "wasGeneratedBy", "entity", "activity") == made)
                    let derived = Set((0..<3).map { "\(assets[$0 + 1]) \(assets[$0])" })
                    #expect(Self.pairs(document, "wasDerivedFrom", "generatedEntity", "usedEntity") == derived)
                    let used = Set((0..<3).flatMap { ["\(jobs[$0]) \(assets[$0])", "\(jobs[$0]) \(chain.operation)"] })
                    #expect(Self.pairs(document, "used", "activity", "entity") == used)
                    #expect(document["wasAssociatedWith"]?.object?.count == 6)
                }
                #expect(Self.entities(up) == Set(assets + [chain.operation]))
                #expect(up.json["entity"]?[chain.operation]?["prov:type"]?["$"] == "dep:operation")
                #expect(Self.entities(down) == Set(assets))
                let cut = try await client.ask(.get, chain.path(3, "?depth=1"), as: .consumer)
                #expect(Self.entities(cut) == [assets[3], assets[2], chain.operation])

                // What is walked says of a job what the asset's own metadata says of it.
                let metadata = try await client.ask(
                    .get,
                    "/api/v1/meta/data/\(assets[1].suffix(64))",
                    as: .consumer
                )
                let own = try #require(metadata.json["provenance"])
                for member in ["prov:type", "prov:startTime", "prov:endTime", "dep:operation"] {
                    let said = own["activity"]?[jobs[0]]?[member]
                    #expect(said != nil && up.json["activity"]?[jobs[0]]?[member] == said, "\(member)")
                }
                for member in ["prefix", "agent"] {
                    let walked = try #require(up.json[member])
                    #expect(own[member]?.isEquivalent(to: walked) == true, "\(member)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAssetIsNamedInAllWaysAndBadQuestionsAreRefused() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 1)
                let id = String(chain.assets[0].suffix(64))
                let spellings = [
                    id, "0x\(id)", id.uppercased(), chain.assets[0],
                    chain.assets[0].replacingOccurrences(of: "/", with: "%2F"),
                ]
                for spelling in spellings {
                    let path = "/api/v1/meta/data/\(spelling)/provenance?direction=down"
                    let answer = try await client.ask(.get, path, as: .consumer)
                    #expect(Self.entities(answer) == Set(chain.assets), "\(spelling)")
                }
                let queries = [
                    "direction=sideways", "depth=0", "depth=101", "depth=x", "limit=0", "limit=1001", "cursor=!",
                    "cursor=zzz", "cursor=0",
                ]
                for query in queries {
                    let refused = try await client.ask(.get, chain.path(0, "?\(query)"), as: .consumer)
                    #expect(refused.status == 400, "\(query)")
                    #expect(refused.errorcode == 8103, "\(query)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aLinkLeadsToTheNextPageUntilThereIsNone() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 4)
                var path: String? = chain.path(0, "?direction=down&depth=3&limit=2")
                var found: [String] = []
                while let page = path {
                    let answer = try await client.ask(.get, page, as: .consumer)
                    #expect(answer.status == 200)
                    found += answer.json["entity"]?.object?.keys.elements ?? []
                    let made = Self.pairs(answer.json, "wasGeneratedBy", "entity", "activity")
                    #expect(made.count == (found.count == 2 ? 1 : 2))
                    path = answer.header("Link").map { link in
                        #expect(link.hasPrefix("</api/v1/meta/data/") && link.hasSuffix(">; rel=\"next\""))
                        return String(link.dropFirst().prefix { $0 != ">" })
                    }
                }
                #expect(found == Array(chain.assets.prefix(4)))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func whatOthersMadeIsNotThereForAnybodyElse() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 2)
                let foreign = try await client.hash(chain.assets[0], chain.operation, as: .other)
                let expected: [Caller: [String]] = [
                    .admin: chain.assets + [foreign.asset], .consumer: chain.assets,
                    .other: [chain.assets[0], foreign.asset], .provider: [chain.assets[0]],
                    .nobody: [chain.assets[0]],
                ]
                for (caller, assets) in expected {
                    let down = try await client.ask(.get, chain.path(0, "?direction=down"), as: caller)
                    #expect(Self.entities(down) == Set(assets), "\(caller)")
                    for hidden in Set(chain.assets + [foreign.asset]).subtracting(assets) {
                        #expect(!down.text.contains(hidden), "\(caller)")
                        let id = String(hidden.suffix(64))
                        let zeros = String(repeating: "0", count: 64)
                        let path = "/api/v1/meta/data/"
                        let found = try await client.ask(.get, path + id + "/provenance", as: caller)
                        let unknown = try await client.ask(.get, path + zeros + "/provenance", as: caller)
                        #expect(found.status == 404, "\(caller)")
                        #expect(found.comparable(without: id) == unknown.comparable(without: zeros))
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func provenanceThatSomebodyClaimsIsNotWalked() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 1)
                let metadata = try await client.ask(
                    .get,
                    "/api/v1/meta/data/\(chain.assets[1].suffix(64))",
                    as: .consumer
                )
                let claim: JSON = ["name": "copy", "provenance": try #require(metadata.json["provenance"])]
                let id = try await client.asset(claim, of: .consumer)
                let up = try await client.ask(.get, "/api/v1/meta/data/\(id)/provenance", as: .consumer)
                #expect(Self.entities(up) == ["did:dep:\(chain.agent)/\(id)"])
                #expect(up.json["activity"] == nil)
                let down = try await client.ask(.get, chain.path(0, "?direction=down"), as: .consumer)
                #expect(Self.entities(down) == Set(chain.assets))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aJobTellsItsOwnerItsProviderAndAdmins() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 2)
                let job = chain.jobs[1]
                for caller in [Caller.consumer, .admin] {
                    let answer = try await client.ask(.get, "/jobs/\(job)/provenance", as: caller)
                    #expect(answer.status == 200)
                    #expect(Self.entities(answer) == [chain.assets[2], chain.assets[1], chain.operation])
                    let activity = try #require(answer.json["activity"]?[job])
                    let inputs = JSON(dictionaryLiteral: ("to_hash", ["did": .string(chain.assets[1])]))
                    #expect(activity["dep:inputs"]?["$"]?.string == inputs.text)
                    let outputs = JSON(dictionaryLiteral: ("hash_val", ["did": .string(chain.assets[2])]))
                    #expect(activity["dep:outputs"]?["$"]?.string == outputs.text)
                    let derived = Self.pairs(answer.json, "wasDerivedFrom", "generatedEntity", "usedEntity")
                    #expect(derived == ["\(chain.assets[2]) \(chain.assets[1])"])
                }
                // The provider's operation ran, but what went in and came out is the consumer's.
                let told = try await client.ask(.get, "/jobs/\(job)/provenance", as: .provider)
                #expect(Self.entities(told) == [chain.operation])
                #expect(told.json["activity"]?[job]?["dep:operation"]?["$"]?.string == chain.operation)
                for asset in chain.assets { #expect(!told.text.contains(asset)) }
                let foreign = try await client.ask(.get, "/jobs/\(job)/provenance", as: .other)
                #expect(foreign.status == 404)
                #expect(foreign.errorcode == 8001)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aJobTellsOfItselfWhileItIsThereAndAfterwardsIfItMadeAnAsset() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let chain = try await Chain(client, test, length: 1)
                let everything = try await client.ask(.get, "/services/everything")
                func operation(_ name: String) throws -> String {
                    try #require(everything.json["operations"]?[name]?["id"]?.string)
                }
                func provenance(_ job: String, as caller: Caller = .consumer) async throws -> Answer {
                    try await client.ask(.get, "/jobs/\(job)/provenance", as: caller)
                }
                let slow = try await client.start(try operation("slow"), ["text": "long"])
                let running = try await provenance(slow)
                #expect(running.json["activity"]?[slow]?["prov:endTime"] == nil)
                #expect(running.json["activity"]?[slow]?["dep:inputs"]?["$"] == #"{"text":"long"}"#)
                #expect(running.json["used"]?.object?.count == 1)
                #expect(running.json["wasGeneratedBy"] == nil)
                _ = try await client.ask(.post, "/jobs/\(slow)/cancel", as: .consumer)

                let failing = try await client.start(try operation("failing"), ["text": "no"])
                #expect(try await client.result(of: failing).word == "error")
                let failed = try await provenance(failing)
                #expect(failed.json["activity"]?[failing]?["prov:endTime"] != nil)
                #expect(failed.json["activity"]?[failing]?["dep:outputs"] == nil)

                for job in [failing, chain.jobs[0]] {
                    #expect(try await client.ask(.delete, "/jobs/\(job)", as: .consumer).status == 204)
                }
                #expect(try await provenance(failing).errorcode == 8001)
                let gone = try await provenance(chain.jobs[0])
                #expect(Self.entities(gone) == Set(chain.assets + [chain.operation]))
                #expect(gone.json["activity"]?[chain.jobs[0]]?["dep:inputs"] == nil)
                #expect(try await provenance(chain.jobs[0], as: .provider).status == 200)
                #expect(try await provenance(chain.jobs[0], as: .admin).status == 200)
                #expect(try await provenance(chain.jobs[0], as: .other).errorcode == 8001)
            }
        }
    }
}

extension TestClientProtocol {
    /// Has an asset hashed.
    fileprivate func hash(
        _ asset: String,
        _ operation: String,
        as caller: Caller
    ) async throws -> (job: String, asset: String) {
        let job = try await start(operation, ["to_hash": ["did": .string(asset)]], as: caller)
        let ended = try await result(of: job, as: caller)
        return (job, try #require(ended.json["result"]?["hash_val"]?["did"]?.string, "\(ended.text)"))
    }
}
