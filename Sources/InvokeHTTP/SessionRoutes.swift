import Hummingbird
import InvokeAgent
import InvokeModel

/// Sessions of browsers: a login by password, kept in a cookie.
struct SessionRoutes {
    let profile: AgentProfile

    init(_ profile: AgentProfile) { self.profile = profile }

    func add(to routes: Routes) {
        routes.post("/session", .open) { call in
            try SessionCookie.checkOrigin(of: call.request)
            var body = try MemberReader(try await call.json(limit: 64 << 10))
            let username = body.string("username")
            let password = body.string("password")
            try body.finish()
            let session = try await call.agent.beginSession(
                username: username,
                password: password,
                from: call.context.place
            )
            return answer(Response(json: session.account.sessionBody), call, cookie: session.token)
        }
        routes.get("/session", .account) { call in Response(json: try call.account().sessionBody) }
        routes.delete("/session", .open) { call in
            try SessionCookie.checkOrigin(of: call.request)
            if let token = SessionCookie(of: call.agent).token(in: call.request) {
                try await call.agent.endSession(token)
            }
            return answer(Response(status: .noContent), call, cookie: nil)
        }
    }

    private func answer(_ response: Response, _ call: Call, cookie token: String?) -> Response {
        var response = response
        response.headers.append(
            SessionCookie(of: call.agent).header(
                token,
                lifetime: call.agent.limits.sessionLifetime,
                isSecure: profile.url().hasPrefix("https:")
            )
        )
        return response
    }
}

extension Account {
    /// Who calls.
    fileprivate var sessionBody: JSON {
        [
            "username": .string(username),
            "roles": .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) }),
        ]
    }
}
