import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// Jobs of scripts and their logs (oscar.md §12).
enum OSCARJobRoutes {
    static func add(to routes: Routes) {
        routes.get("/system/logs/{name}", .account) { call in
            let page = try await call.agent.jobs(
                ofScript: call.parameter("name"),
                before: try cursor(call),
                limit: call.agent.limits.scriptPage,
                for: try call.account()
            )
            let next = page.remaining > 0 ? page.jobs.last?.id.description : nil
            return Response(oscar: OSCAR.listing(page.jobs, next: next, remaining: page.remaining))
        }
        routes.delete("/system/logs/{name}") { call in
            try await call.agent.removeJobs(
                ofScript: call.parameter("name"),
                all: call.oscarFlag("all"),
                by: try call.account()
            )
            return Response(status: .noContent)
        }
        routes.get("/system/logs/{name}/{job}", .account, answers: ["text/plain"]) { call in
            let name = call.parameter("name")
            let job = try await call.agent.job(named: call.parameter("job"), ofScript: name, for: try call.account())
            let log = try await call.agent.log(
                of: job,
                level: try await call.agent.logLevel(ofScript: name),
                timestamps: call.oscarFlag("timestamps")
            )
            return Response(bytes: log, contentType: "text/plain; charset=utf-8")
        }
        routes.delete("/system/logs/{name}/{job}") { call in
            let (name, job) = (call.parameter("name"), call.parameter("job"))
            try await call.agent.removeJob(named: job, ofScript: name, by: try call.account())
            return Response(status: .noContent)
        }
    }

    /// The last job of the page before; an empty one is none.
    private static func cursor(_ call: Call) throws -> JobID? {
        guard let text = call.query("page"), !text.isEmpty else { return nil }
        guard let job = JobID(text) else {
            throw Refusal(.invalidParameter, "\"\(text.prefix(40))\" is no page; take `next_page` of the one before.")
        }
        return job
    }
}
