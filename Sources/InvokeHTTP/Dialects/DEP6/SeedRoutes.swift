import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// The raw DEP-6: our first duty (dep.md §3, §4).
enum SeedRoutes {
    static func add(to routes: Routes) {
        for path in ["/invokeasync/{id}", "/invokeasync/{id}/{asset}"] {
            routes.post(path) { call in
                let accepted = try await call.invoke(.async)
                var response = Response(
                    bytes: DEP6.started(accepted.job),
                    contentType: "application/json",
                    status: .created
                )
                response.headers[.location] = "/jobs/result/\(accepted.job)"
                response.mark(accepted)
                return response
            }
        }
        for path in ["/invoke/{id}", "/invoke/{id}/{asset}"] {
            routes.post(path) { call in
                let wait = try call.wait(default: call.agent.limits.longestWait)
                let accepted = try await call.invoke(.sync)
                let job = try await call.agent.result(
                    "\(accepted.job)",
                    for: try call.account(),
                    waiting: accepted.isReplay ? .zero : wait
                )
                guard job.state.isTerminal || !accepted.isReplay else { throw Refusal.stillInProgress(job.id) }
                var response = Response(bytes: DEP6.body(of: job), contentType: "application/json")
                if !job.state.isTerminal {
                    response.headers[.location] = "/jobs/result/\(job.id)"
                    response.headers[.retryAfter] = "1"
                }
                response.mark(accepted)
                return response
            }
        }
        routes.get("/jobs/result/{id}", .account) { call in
            let wait = try call.wait(default: .zero)
            let result = try await call.agent.result(call.parameter("id"), for: try call.account(), waiting: wait)
            return Response(bytes: DEP6.body(of: result), contentType: "application/json")
        }
    }
}

extension Response {
    fileprivate mutating func mark(_ accepted: Acceptance) {
        if accepted.isReplay { headers[.idempotencyReplayed] = "true" }
    }
}

extension Refusal {
    fileprivate static func stillInProgress(_ job: JobID) -> Refusal {
        Refusal(
            .idempotencyInProgress,
            "The request with this Idempotency-Key is still in progress: GET /jobs/result/\(job) tells its result.",
            retryAfter: 1
        )
    }
}
