import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// A job beyond its result (agent.md §5).
enum JobRoutes {
    static func add(to routes: Routes) {
        routes.get("/jobs", .account) { call in
            let limit = try call.number("limit", in: 1...200, default: 50)
            var filter = try filter(call)
            filter.limit = limit + 1
            let jobs = try await call.agent.jobs(filter, of: try call.account())
            let page = jobs.prefix(limit)
            let bodies = try page.map { try DEPv1.body(of: $0, operation: call.agent.did(of: $0.operation)) }
            return Response(json: .page("jobs", bodies, next: jobs.count > limit ? page.last?.id.value : nil))
        }
        routes.get("/jobs/{id}", .account) { call in
            let job = try await call.agent.job(call.parameter("id"), for: try call.account())
            let details = try await call.agent.details(of: job)
            return Response(json: try DEPv1.body(of: job, details, operation: call.agent.did(of: job.operation)))
        }
        routes.get("/jobs/{id}/provenance", .account) { call in
            Response(
                json: try await call.agent.provenance(ofJob: call.parameter("id"), for: try call.account())
            )
        }
        routes.delete("/jobs/{id}") { call in
            try await call.agent.removeJob(call.parameter("id"), by: try call.account())
            return Response(status: .noContent)
        }
        routes.post("/jobs/{id}/retry") { call in
            let id = try await call.agent.retryJob(call.parameter("id"), by: try call.account())
            var response = Response(bytes: DEP6.started(id), contentType: "application/json", status: .created)
            response.headers[.location] = "/jobs/result/\(id)"
            return response
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

    private static func filter(_ call: Call) throws -> JobFilter {
        var filter = JobFilter(limit: 0)
        filter.service = call.query("service")
        if let text = call.query("operation") {
            guard let id = DID.localAsset(text, on: call.agent.id) else {
                throw Refusal(.invalidParameter, "\"\(text.prefix(80))\" is not the id or DID of an operation here.")
            }
            filter.operation = id
        }
        if let text = call.query("status") {
            guard let state = JobState(rawValue: text) else {
                let words = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(.invalidParameter, "\"\(text.prefix(40))\" is not a status: \(words).")
            }
            filter.state = state
        }
        if let text = call.query("since") {
            guard let since = Date(iso8601: text) else {
                throw Refusal(.invalidParameter, "`since` takes a time such as 2026-01-31T10:00:00Z.")
            }
            filter.since = since
        }
        let cursor = try call.cursor()
        if cursor > 0 { filter.before = JobID(value: cursor) }
        return filter
    }
}
