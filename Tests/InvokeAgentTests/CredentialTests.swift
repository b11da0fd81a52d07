import Foundation
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Who is let in, and who no longer.
@Suite(.timeLimit(.minutes(5))) struct CredentialTests {
    private func isLetIn(_ header: String, _ agent: Agent) async throws -> Bool {
        do {
            _ = try await agent.authenticate(authorization: header)
            return true
        } catch let refusal as Refusal where refusal == .unauthenticated {
            return false
        }
    }

    @Test(arguments: [
        ("consumer", "consumer-password", true), ("consumer", "consumer-passworD", false), ("consumer", "", false),
        ("consumer", "admin-password", false), ("nobody", "consumer-password", false), ("", "", false),
        ("Consumer", "consumer-password", false),
    ])
    func aPasswordLetsInItsAccountAlone(username: String, password: String, isGood: Bool) async throws {
        let test = try await TestAgent()
        let credential = basic(username, password)
        // Twice: what is remembered of the first must not change the answer.
        for _ in 0..<2 { #expect(try await isLetIn(credential, test.agent) == isGood) }
    }

    @Test func aTokenLetsInItsAccount() async throws {
        let test = try await TestAgent()
        let consumer = try await test.account("consumer")
        let token = try await test.agent.createToken(for: consumer)
        #expect(try await test.agent.authenticate(authorization: "token \(token)") == consumer)
        #expect(Hex32(token) != nil)
    }

    @Test func aGarbledTokenLetsNobodyIn() async throws {
        let test = try await TestAgent()
        let token = try await test.agent.createToken(for: test.account("consumer"))
        for place in [0, 31, 32, 63] {
            var digits = Array(token)
            digits[place] = digits[place] == "0" ? "1" : "0"
            #expect(try await !isLetIn("token \(String(digits))", test.agent))
        }
        for text in ["", String(token.dropLast()), token + "0", "x" + token.dropFirst(), Hex32.random().description] {
            #expect(try await !isLetIn("token \(text)", test.agent))
        }
        #expect(try await isLetIn("token \(token)", test.agent))
    }

    @Test func aRevokedTokenLetsNobodyInAtOnce() async throws {
        let test = try await TestAgent()
        let consumer = try await test.account("consumer")
        let token = try await test.agent.createToken(for: consumer)
        #expect(try await isLetIn("token \(token)", test.agent))
        try await test.agent.revoke(token: token, of: consumer)
        #expect(try await !isLetIn("token \(token)", test.agent))
    }

    @Test func nobodyRevokesTheTokenOfAnother() async throws {
        let test = try await TestAgent()
        let token = try await test.agent.createToken(for: test.account("consumer"))
        let other = try await test.account("other")
        await #expect {
            try await test.agent.revoke(token: token, of: other)
        } throws: {
            ($0 as? Refusal)?.code == .unknownResource
        }
        #expect(try await isLetIn("token \(token)", test.agent))
    }

    @Test func theListOfTokensIsNeverEmptyAndAllOfThemLetIn() async throws {
        let test = try await TestAgent()
        let consumer = try await test.account("consumer")
        let first = try await test.agent.tokens(of: consumer)
        #expect(first.count == 1)
        let second = try await test.agent.createToken(for: consumer)
        #expect(try await test.agent.tokens(of: consumer) == first + [second])
        for token in first + [second] {
            #expect(try await test.agent.authenticate(authorization: "token \(token)") == consumer)
        }
    }

    @Test func aNewPasswordEndsTheOldOneAtOnce() async throws {
        let test = try await TestAgent()
        let consumer = try await test.account("consumer")
        let old = basic("consumer", "consumer-password")
        let new = basic("consumer", "another-password")
        #expect(try await isLetIn(old, test.agent))
        try await test.agent.setPassword(of: "consumer", to: "another-password", by: consumer)
        #expect(try await !isLetIn(old, test.agent))
        #expect(try await isLetIn(new, test.agent))
    }

    @Test func aRemovedAccountIsNotLetIn() async throws {
        let test = try await TestAgent()
        let consumer = try await test.account("consumer")
        let token = try await test.agent.createToken(for: consumer)
        #expect(try await isLetIn("token \(token)", test.agent))
        try await test.agent.removeAccount(named: "consumer", by: test.account("admin"))
        #expect(try await !isLetIn("token \(token)", test.agent))
        let password = basic("consumer", "consumer-password")
        #expect(try await !isLetIn(password, test.agent))
    }

    @Test func theFirstAccountIsAnAdminWithAPasswordThatIsToldOnce() async throws {
        let test = try await TestAgent()
        #expect(try await test.agent.makeFirstAdmin(username: "root", password: nil) == nil)
        for account in try await test.store.accounts(limit: 10) {
            _ = try await test.store.removeAccount(named: account.username)
        }
        let password = try #require(try await test.agent.makeFirstAdmin(username: "root", password: nil))
        let root = try await test.agent.authenticate(authorization: basic("root", password))
        #expect(root.isAdmin && password.utf8.count == 24)
        #expect(try await test.agent.makeFirstAdmin(username: "root", password: nil) == nil)
    }

    @Test func accountsAreMadeByAdminsAlone() async throws {
        let test = try await TestAgent()
        for name in ["provider", "consumer"] {
            let caller = try await test.account(name)
            await #expect {
                try await test.agent.createAccount(
                    username: "new",
                    password: "new-password",
                    roles: [.admin],
                    by: caller
                )
            } throws: {
                ($0 as? Refusal)?.code == .forbidden
            }
        }
    }

    @Test(arguments: [
        ("", "long-enough", [Role.consumer], ["#/username"]), ("a b", "long-enough", [.consumer], ["#/username"]),
        ("ok", "short", [.consumer], ["#/password"]), ("ok", "long-enough", [], ["#/roles"]),
        ("a:b", "short", [], ["#/username", "#/password", "#/roles"]),
    ])
    func whatIsWrongWithANewAccountIsNamed(
        username: String,
        password: String,
        roles: [Role],
        places: [String]
    ) async throws {
        let test = try await TestAgent()
        let admin = try await test.account("admin")
        await #expect {
            try await test.agent.createAccount(username: username, password: password, roles: Set(roles), by: admin)
        } throws: {
            ($0 as? Refusal)?.violations.map(\.pointer) == places
        }
    }

    @Test(arguments: [
        ("Basic Y29uc3VtZXI6YTpi", "consumer/a:b"), ("basic Y29uc3VtZXI6", "consumer/"), ("token abc", "abc"),
        ("Bearer abc", "abc"), ("TOKEN  abc ", "abc"), ("Basic !", nil), ("Basic Y29uc3VtZXI=", nil), ("token", nil),
        ("Digest abc", nil), ("", nil),
    ])
    func theAuthorizationHeaderIsRead(header: String, read: String?) {
        switch Credential(authorization: header) {
        case .password(let username, let password)?: #expect(read == "\(username)/\(password)")
        case .token(let token)?: #expect(read == token)
        case nil: #expect(read == nil)
        }
    }
}
