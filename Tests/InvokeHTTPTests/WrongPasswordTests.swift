import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// How many wrong passwords are looked at.
    @Suite(.timeLimit(.minutes(5))) struct WrongPasswordTests {
        private static func header(_ name: String, _ password: String) -> [String: String] {
            ["Authorization": Caller.basic(name, password)]
        }

        @Test func afterTenWrongPasswordsNoneIsLookedAt() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                func ask(_ name: String, _ password: String, path: String = "/jobs") async throws -> Answer {
                    let method: HTTPRequest.Method = path == "/jobs" ? .get : .post
                    return try await client.ask(method, path, headers: Self.header(name, password))
                }
                let token = try await client.ask(.post, "/api/v1/auth/token", as: .other).json.string ?? ""
                for number in 1...10 { #expect(try await ask("other", "wrong \(number)").status == 401) }
                // That of another name, a token, and what was proven before are none of its business.
                #expect(try await ask("nobody", "wrong").status == 401)
                #expect(try await ask("other", "other-password").status == 200)
                let byToken = try await client.ask(.get, "/jobs", headers: ["Authorization": "token \(token)"])
                #expect(byToken.status == 200)

                let refused = try await ask("other", "wrong again")
                #expect((refused.status, refused.errorcode) == (429, 8150))
                #expect((refused.header("Retry-After").flatMap { Int($0) }).map { (1...8).contains($0) } == true)
                #expect(try await ask("other", "wrong again", path: "/run/x").status == 429)
            }
        }

        @Test func theRightPasswordIsNotLookedAtEither() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                for number in 1...10 {
                    let wrong = Self.header("consumer", "wrong \(number)")
                    let refused = try await client.ask(.get, "/jobs", headers: wrong)
                    #expect(refused.status == 401)
                }
                #expect(try await client.ask(.get, "/jobs", as: .consumer).status == 429)
                #expect(try await client.ask(.get, "/jobs", as: .other).status == 200)
            }
        }

        @Test func theOperatorSetsTheNumber() async throws {
            for (most, last) in [(0, 401), (2, 429)] {
                var limits = AgentLimits()
                limits.wrongPasswords = most
                let test = try await TestAgent(limits: limits)
                try await test.run { client in
                    var statuses: [Int] = []
                    for number in 1...12 {
                        let wrong = Self.header("consumer", "wrong \(number)")
                        statuses.append(try await client.ask(.get, "/jobs", headers: wrong).status)
                    }
                    #expect(statuses == (1...12).map { $0 <= 2 ? 401 : last })
                }
            }
        }
    }
}
