import Hummingbird
import InvokeAgent
import InvokeModel

/// API tokens (DEP-20, DEP-21).
enum TokenRoutes {
    static func add(to routes: Routes) {
        routes.get("/api/v1/auth/token", .account) { call in
            let tokens = try await call.agent.tokens(of: try call.account())
            return Response(json: .array(tokens.map(JSON.string)))
        }
        routes.post("/api/v1/auth/token") { call in
            Response(json: .string(try await call.agent.createToken(for: try call.account())))
        }
        routes.delete("/api/v1/auth/revoke/{token}", use: revoke)
        routes.post("/api/v1/auth/revoke/{token}", use: revoke)
    }

    @Sendable private static func revoke(_ call: Call) async throws -> Response {
        try await call.agent.revoke(token: call.parameter("token"), of: try call.account())
        return Response(json: true)
    }
}
