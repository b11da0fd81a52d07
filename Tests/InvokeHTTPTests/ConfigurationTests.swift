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
            let configuration = [
                ConfiguredValue(name: "port", value: "8191", origin: "default"),
                ConfiguredValue(name: "tokens.checker", value: nil, origin: "default"),
            ]
            let server = Server(
                agent: test.agent,
                profile: test.profile,
                sandboxProblem: nil,
                configuration: configuration
            )
            try await Application(router: try server.router()).test(.router) { client in
                let told: JSON = [
                    "settings": [
                        ["name": "port", "value": "8191", "origin": "default"],
                        ["name": "tokens.checker", "value": .null, "origin": "default"],
                    ]
                ]
                #expect(try await client.ask(.get, "/configuration", as: .admin).json == told)
                for caller in [Caller.provider, .consumer] {
                    let refused = try await client.ask(.get, "/configuration", as: caller)
                    #expect(refused.errorcode == 8111)
                    #expect(!refused.text.contains("8191"))
                }
            }
        }
    }
}
