import Hummingbird
import InvokeAgent
import InvokeModel

/// Accounts (agent.md §3).
enum AccountRoutes {
    static func add(to routes: Routes) {
        routes.post("/accounts") { call in
            let caller = try call.account()
            let document = try await call.json(limit: 64 << 10)
            try caller.need(.admin)
            var body = try MemberReader(document)
            let username = body.string("username")
            let password = body.string("password")
            let roles = body.strings("roles", of: Role.self)
            try body.finish()
            let account = try await call.agent.createAccount(
                username: username,
                password: password,
                roles: Set(roles),
                by: caller
            )
            var response = Response(json: account.body, status: .created)
            response.headers[.location] = "/accounts/\(account.username)"
            return response
        }
        routes.get("/accounts", .account) { call in
            let caller = try call.account()
            return try await call.page("accounts", id: \.id, body: \.body) { cursor, limit in
                try await call.agent.accounts(after: cursor, limit: limit, for: caller)
            }
        }
        routes.get("/accounts/{name}", .account) { call in
            let account = try await call.agent.account(named: call.parameter("name"), for: try call.account())
            return Response(json: account.body)
        }
        routes.delete("/accounts/{name}") { call in
            try await call.agent.removeAccount(named: call.parameter("name"), by: try call.account())
            return Response(status: .noContent)
        }
        routes.put("/accounts/{name}/password") { call in
            let caller = try call.account()
            var body = try MemberReader(try await call.json(limit: 64 << 10))
            let password = body.string("password")
            try body.finish()
            try await call.agent.setPassword(of: call.parameter("name"), to: password, by: caller)
            return Response(status: .noContent)
        }
    }
}

extension Account {
    fileprivate var body: JSON {
        [
            "id": .string(publicID.description),
            "username": .string(username),
            "roles": .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) }),
        ]
    }
}
