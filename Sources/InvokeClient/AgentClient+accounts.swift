public import InvokeModel

/// Accounts and tokens.
extension AgentClient {
    /// The accounts, oldest first; for admins.
    public func accounts(pageSize: Int = 50) -> AgentPages { pages("/accounts", "accounts", size: pageSize) }

    /// An account; for itself and admins.
    public func account(_ name: String) async throws -> JSON { try await json("GET", Self.path("accounts", name)) }

    /// Makes an account; for admins.
    public func createAccount(_ name: String, password: String, roles: [String]) async throws -> JSON {
        let roles = JSON.array(roles.map(JSON.string))
        return try await json(
            "POST",
            "/accounts",
            ["username": .string(name), "password": .string(password), "roles": roles]
        )
    }

    /// Changes a password; for the account itself and admins.
    public func setPassword(of name: String, _ password: String) async throws {
        _ = try await send(
            "PUT",
            Self.path("accounts", name, "password"),
            headers: [("content-type", "application/json")],
            body: (["password": .string(password)] as JSON).bytes()
        )
    }

    /// Removes an account: its credentials stop working; for admins.
    public func removeAccount(_ name: String) async throws {
        _ = try await send("DELETE", Self.path("accounts", name))
    }

    /// A new token of the caller's; it works for 90 days.
    public func createToken() async throws -> String {
        guard let token = try await json("POST", "/api/v1/auth/token").string else { throw AgentAnswerFault() }
        return token
    }

    /// Tokens of the caller's that work, oldest first.
    public func tokens() async throws -> [String] {
        try await json("GET", "/api/v1/auth/token").array?.compactMap(\.string) ?? []
    }

    /// Ends a token.
    public func revokeToken(_ token: String) async throws {
        _ = try await send("DELETE", Self.path("api", "v1", "auth", "revoke", token))
    }

    /// What the agent says of itself.
    public func status() async throws -> JSON { try await json("GET", "/api/status") }
}
