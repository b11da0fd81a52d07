import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeHTTP
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// The settings, as the agent tells them.
    @Suite(.timeLimit(.minutes(5))) struct ConfigurationTests {
        @Test func adminsAndNobodyElseSeeTheSettings() async throws {
            let test = try await TestAgent()
            let configuration: [JSON] = [
                ["key": "port", "value": "8191", "origin": "default"],
                ["key": "tokens.checker", "value": .null, "origin": "default"],
            ]
            let server = Server(
                agent: test.agent,
                profile: test.profile,
                sandboxProblem: nil,
                configuration: configuration
            )
            try await Application(router: try server.router()).test(.router) { client in
                let told = try await client.ask(.get, "/configuration", as: .admin).json
                #expect(told == ["settings": .array(configuration)])
                for caller in [Caller.provider, .consumer] {
                    let refused = try await client.ask(.get, "/configuration", as: caller)
                    #expect(refused.errorcode == 8111)
                    #expect(!refused.text.contains("8191"))
                }
            }
        }
    }
}
