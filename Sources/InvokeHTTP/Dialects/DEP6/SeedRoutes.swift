import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeWire

/// The raw DEP-6: our first duty (dep.md §3, §4).
enum SeedRoutes {
    static func add(to routes: Routes) {
        for path in ["/invokeasync/{id}", "/invokeasync/{id}/{asset}"] {
            routes.post(path) { call in
                let id = try await call.invoke(.async)
                var response = Response(json: DEP6.started(id), status: .created)
                response.headers[.location] = "/jobs/result/\(id)"
                return response
            }
        }
        for path in ["/invoke/{id}", "/invoke/{id}/{asset}"] {
            routes.post(path) { call in
                let wait = try call.wait(default: call.agent.limits.longestWait)
                let id = try await call.invoke(.sync)
                let job = try await call.agent.job("\(id)", for: try call.account(), waiting: wait)
                var response = Response(json: try DEP6.body(of: job))
                if !job.state.isTerminal {
                    response.headers[.location] = "/jobs/result/\(id)"
                    response.headers[.retryAfter] = "1"
                }
                return response
            }
        }
        routes.get("/jobs/result/{id}", .account) { call in
            let wait = try call.wait(default: .zero)
            let job = try await call.agent.job(call.parameter("id"), for: try call.account(), waiting: wait)
            return Response(json: try DEP6.body(of: job))
        }
    }
}
