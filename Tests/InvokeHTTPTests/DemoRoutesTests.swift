import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// What the test suites of DEP v1's clients begin with (dep.md §11).
    @Suite struct DemoRoutesTests {
        private static let path = "/api/v1/admin/import-demo?id=operations"

        @Test(.timeLimit(.minutes(5)))
        func theDemoOperationsRun() async throws {
            let test = try await TestAgent(isDemo: true)
            try await test.run { client in
                let imported = try await client.ask(.post, Self.path, as: .admin)
                let invokables = imported.json["invokables"]
                #expect(try await client.ask(.post, Self.path, as: .admin).json["invokables"] == invokables)
                let increment = try #require(invokables?["Increment"]?.string, "\(imported.text)")
                let tokenize = try #require(invokables?["Tokenize Text"]?.string)
                let runs: [(String, JSON, JSON)] = [
                    (increment, ["n": 41], ["n": 42]),
                    (tokenize, ["text": "Fast, Ärmel... FASTEST!"], ["tokens": ["fast", "ärmel", "fastest"]]),
                    (tokenize, ["text": "..."], ["tokens": []]),
                ]
                for (operation, inputs, outputs) in runs {
                    let path = "/api/v1/invoke/sync/\(operation)"
                    let done = try await client.ask(.post, path, as: .consumer, json: inputs)
                    #expect(done.json["outputs"] == outputs, "\(done.text)")
                }
                let word = try await client.ask(
                    .post,
                    "/api/v1/invoke/sync/\(increment)",
                    as: .consumer,
                    json: ["n": "41"]
                )
                #expect(word.errorcode == 8101, "a number is wanted")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func onlyAnAdminImports() async throws {
            let test = try await TestAgent(isDemo: true)
            try await test.run { client in
                #expect(try await client.ask(.post, Self.path, as: .provider).status == 403)
                let other = try await client.ask(.post, "/api/v1/admin/import-demo?id=assets", as: .admin)
                #expect(other.errorcode == 8103)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAgentThatIsNoDemoHasNoSuchRoute() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let answer = try await client.ask(.post, Self.path, as: .admin)
                #expect(answer.errorcode == 8106)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theDemoUserIsMadeOnce() async throws {
            let test = try await TestAgent()
            try await test.agent.makeDemoUser()
            try await test.agent.makeDemoUser()
            let demo = try await test.agent.authenticate(authorization: Caller.basic("Aladdin", "OpenSesame"))
            #expect(demo.roles == Set(Role.allCases))
        }
    }
}
