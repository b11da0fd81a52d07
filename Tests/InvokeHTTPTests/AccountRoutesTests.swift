import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// Accounts and tokens (agent.md §3, dep.md §5).
    @Suite struct AccountRoutesTests {
        @Test(.timeLimit(.minutes(5)))
        func onlyAdminsMakeListAndRemoveAccounts() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let new: JSON = ["username": "new", "password": "new-password", "roles": ["consumer", "provider"]]
                for caller in [Caller.provider, .consumer] {
                    #expect(try await client.ask(.post, "/accounts", as: caller, json: new).status == 403)
                    // Rights come before the body (E3).
                    #expect(try await client.ask(.post, "/accounts", as: caller, json: [:]).status == 403)
                    #expect(try await client.ask(.get, "/accounts", as: caller).status == 403)
                    #expect(try await client.ask(.delete, "/accounts/other", as: caller).status == 403)
                }
                let made = try await client.ask(.post, "/accounts", as: .admin, json: new)
                #expect(made.status == 201)
                #expect(made.header("Location") == "/accounts/new")
                #expect(made.json["username"] == "new")
                #expect(made.json["roles"] == ["provider", "consumer"])
                #expect(!made.text.contains("password"))

                let list = try await client.ask(.get, "/accounts", as: .admin)
                let names = list.json["accounts"]?.array?.compactMap { $0["username"]?.string } ?? []
                #expect(Set(names) == ["admin", "provider", "consumer", "other", "new"])
                #expect(!list.text.contains("scrypt"))
                var (paged, path): ([String], String?) = ([], "/accounts?limit=2")
                while let next = path {
                    let page = try await client.ask(.get, next, as: .admin)
                    paged += page.json["accounts"]?.array?.compactMap { $0["username"]?.string } ?? []
                    path = page.json["next_cursor"]?.string.map { "/accounts?limit=2&cursor=\($0)" }
                }
                #expect(paged == names)

                let headers = ["Authorization": Caller.basic("new", "new-password")]
                let token = try #require(
                    try await client.ask(.post, "/api/v1/auth/token", headers: headers).json.string
                )
                #expect(try await client.ask(.delete, "/accounts/new", as: .admin).status == 204)
                for credential in [headers, ["Authorization": "token \(token)"]] {
                    #expect(try await client.ask(.get, "/api/v1/auth/token", headers: credential).status == 401)
                }
                #expect(try await client.ask(.delete, "/accounts/new", as: .admin).status == 404)
                #expect(try await client.ask(.delete, "/accounts/admin", as: .admin).status == 409)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aBadAccountIsRefusedWithEveryFault() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let bodies: [(JSON, Set<String>)] = [
                    ([:], ["#/username", "#/password", "#/roles"]),
                    (
                        ["username": 1, "password": .null, "roles": ["king"], "is_admin": true],
                        ["#/username", "#/password", "#/roles", "#/is_admin"]
                    ),
                    (["username": "a b", "password": "short", "roles": []], ["#/username", "#/password", "#/roles"]),
                    (["username": "", "password": "long enough", "roles": ["consumer"]], ["#/username"]),
                    ([], ["#"]),
                ]
                for (body, pointers) in bodies {
                    let refused = try await client.ask(.post, "/accounts", as: .admin, json: body)
                    #expect(refused.status == 400)
                    #expect(refused.errorcode == 8101)
                    #expect(refused.pointers == pointers)
                }
                let taken: JSON = ["username": "consumer", "password": "long enough", "roles": ["admin"]]
                #expect(try await client.ask(.post, "/accounts", as: .admin, json: taken).status == 409)
                #expect(try await test.store.accounts(limit: 10).count == 4)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAccountChangesItsOwnPasswordAndNoOtherOne() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let password: JSON = ["password": "another-password"]
                let foreign = try await client.ask(.put, "/accounts/other/password", as: .consumer, json: password)
                #expect(foreign.status == 403)
                // Whether the other account exists is not told.
                let unknown = try await client.ask(.put, "/accounts/nobody/password", as: .consumer, json: password)
                #expect(unknown.comparable() == foreign.comparable())

                #expect(
                    try await client.ask(.put, "/accounts/consumer/password", as: .consumer, json: password).status
                        == 204
                )
                #expect(try await client.ask(.get, "/api/v1/auth/token", as: .consumer).status == 401)
                let headers = ["Authorization": Caller.basic("consumer", "another-password")]
                #expect(try await client.ask(.get, "/api/v1/auth/token", headers: headers).status == 200)
                let short = try await client.ask(.put, "/accounts/other/password", as: .admin, json: ["password": "x"])
                #expect(short.pointers == ["#/password"])
                #expect(
                    try await client.ask(.put, "/accounts/other/password", as: .admin, json: password).status == 204
                )
                #expect(try await client.ask(.put, "/accounts/none/password", as: .admin, json: password).status == 404)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theTokenListIsNeverEmptyAndStaysTheSame() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let first = try await client.ask(.get, "/api/v1/auth/token", as: .consumer)
                #expect(first.status == 200)
                let token = try #require(first.json.array?.first?.string)
                #expect(first.json.array?.count == 1)
                #expect(Hex32(token)?.description == token)
                #expect(try await client.ask(.get, "/api/v1/auth/token", as: .consumer).bytes == first.bytes)

                let made = try await client.ask(.post, "/api/v1/auth/token", as: .consumer)
                #expect(made.status == 200)
                let second = try #require(made.json.string)
                #expect(
                    try await client.ask(.get, "/api/v1/auth/token", as: .consumer).json == [
                        .string(token), .string(second),
                    ]
                )
                for scheme in ["token", "Token", "Bearer", "bearer"] {
                    for token in [token, second] {
                        let headers = ["Authorization": "\(scheme) \(token)"]
                        #expect(try await client.ask(.get, "/api/v1/auth/token", headers: headers).status == 200)
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRevokedTokenIsRefusedAtOnce() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                for method in [HTTPRequest.Method.delete, .post] {
                    let token = try #require(
                        try await client.ask(.post, "/api/v1/auth/token", as: .consumer).json.string
                    )
                    let headers = ["Authorization": "token \(token)"]
                    #expect(try await client.ask(.get, "/api/v1/auth/token", headers: headers).status == 200)
                    // Nobody revokes the tokens of others, or learns of them.
                    let foreign = try await client.ask(method, "/api/v1/auth/revoke/\(token)", as: .other)
                    #expect(foreign.status == 404)
                    let revoked = try await client.ask(method, "/api/v1/auth/revoke/\(token)", headers: headers)
                    #expect(revoked.status == 200)
                    #expect(revoked.json == true)
                    #expect(try await client.ask(.get, "/api/v1/auth/token", headers: headers).status == 401)
                    let again = try await client.ask(method, "/api/v1/auth/revoke/\(token)", as: .consumer)
                    #expect(again.comparable() == foreign.comparable())
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func everyWayOfNotBeingKnownGetsTheSameAnswer() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let bare = try await client.ask(.get, "/api/v1/auth/token")
                #expect(bare.status == 401)
                #expect(bare.errorcode == 8110)
                let wrong = [
                    Caller.basic("consumer", "wrong-password"), Caller.basic("nobody", "consumer-password"),
                    Caller.basic("", ""), "Basic", "Basic !!!", "Basic Y29uc3VtZXI=", "token", "token x",
                    "token " + String(repeating: "a", count: 64), "Bearer \u{FFFD}", "Digest abc", "x",
                ]
                for header in wrong {
                    let refused = try await client.ask(.get, "/api/v1/auth/token", headers: ["Authorization": header])
                    #expect(refused.status == 401, "\(header)")
                    #expect(refused.comparable() == bare.comparable(), "\(header)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aWebhookSecretIsNewEachTimeItIsAskedFor() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let one = try await client.ask(.post, "/webhooks/secret", as: .consumer).string("secret")
                let two = try await client.ask(.post, "/webhooks/secret", as: .consumer).string("secret")
                #expect(one.hasPrefix("whsec_"))
                #expect(two.hasPrefix("whsec_"))
                #expect(one != two)
            }
        }
    }
}
