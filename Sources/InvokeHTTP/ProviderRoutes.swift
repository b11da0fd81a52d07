import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel

/// What providers call that run jobs themselves: with what they were given with one job, not with an account.
enum ProviderRoutes {
    static func add(to routes: Routes) {
        routes.get("/jobs/{id}/inputs/{name}", .open, answers: []) { call in
            let readable = try await call.agent.input(
                call.parameter("name"),
                ofJob: call.parameter("id"),
                expires: call.query("expires") ?? "",
                signature: call.query("signature") ?? ""
            )
            return try await StorageRoutes.answer(with: readable, to: call)
        }
        routes.post("/jobs/{id}/complete", .open, answers: []) { call in
            let job = try call.agent.checkCompletion(ofJob: call.parameter("id"), token: try token(of: call))
            try await call.agent.complete(job, with: try await call.json())
            return Response(status: .noContent)
        }
    }

    private static func token(of call: Call) throws -> String {
        let parts = call.header(.authorization)?.split(separator: " ") ?? []
        guard parts.count == 2, ["bearer", "token"].contains(parts[0].lowercased()) else {
            throw Refusal.unauthenticated
        }
        return String(parts[1])
    }
}
