import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// A job beyond its result (agent.md §5).
enum JobRoutes {
    static func add(to routes: Routes) {
        routes.get("/jobs/{id}", .account) { call in
            let job = try await call.agent.job(call.parameter("id"), for: try call.account())
            return Response(json: try DEPv1.body(of: job, operation: call.agent.did(of: job.operation)))
        }
        routes.get("/jobs/{id}/logs", .account, answers: ["text/plain"]) { call in
            let job = try await call.agent.job(call.parameter("id"), for: try call.account())
            let log = try await call.agent.store.log(of: job.id)
            return Response(bytes: log, contentType: "text/plain; charset=utf-8")
        }
        routes.post("/jobs/{id}/cancel") { call in
            let job = try await call.agent.cancelJob(call.parameter("id"), by: try call.account())
            var response = Response(json: try DEPv1.body(of: job, operation: call.agent.did(of: job.operation)))
            if !job.state.isTerminal {
                response.status = .accepted
                response.headers[.location] = "/jobs/\(job.id)"
            }
            return response
        }
    }
}
