import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// Starting jobs and reading what came of them: the raw DEP-6 and DEP v1 do the same under different paths and in
/// different words (dep.md §3, §4).
struct InvocationRoutes {
    /// Where a job is started, where it is started and waited for, and where its result is: each is followed by an id.
    let asynchronous, synchronous, results: String
    /// The answer to an asynchronous start.
    let started: @Sendable (JobID, JobState) -> [UInt8]
    /// A job as it stands.
    let body: @Sendable (JobResult) -> [UInt8]

    /// The raw DEP-6: our first duty.
    static let seed = InvocationRoutes(
        asynchronous: "/invokeasync",
        synchronous: "/invoke",
        results: "/jobs/result",
        started: { id, _ in DEP6.started(id) },
        body: DEP6.body
    )

    /// DEP v1: the Starfish clients.
    static let v1 = InvocationRoutes(
        asynchronous: "/api/v1/invoke/async",
        synchronous: "/api/v1/invoke/sync",
        results: "/api/v1/invoke/jobs",
        started: DEPv1.started,
        body: DEPv1.body
    )

    func add(to routes: Routes) {
        for path in ["\(asynchronous)/{id}", "\(asynchronous)/{id}/{asset}"] { routes.post(path, use: start) }
        for path in ["\(synchronous)/{id}", "\(synchronous)/{id}/{asset}"] { routes.post(path, use: run) }
        routes.get("\(results)/{id}", .account) { call in
            let wait = try call.wait(default: .zero)
            let result = try await call.agent.result(call.parameter("id"), for: try call.account(), waiting: wait)
            return Response(bytes: body(result), contentType: "application/json")
        }
    }

    @Sendable private func start(_ call: Call) async throws -> Response {
        if try call.isDryRun { return call.answer(try await call.dryRun(.async)) }
        let accepted = try await call.invoke(.async)
        var state = JobState.scheduled
        if accepted.isReplay { state = try await result(of: accepted, for: call, waiting: .zero).state }
        var response = Response(
            bytes: started(accepted.job, state),
            contentType: "application/json",
            status: .created
        )
        response.headers[.location] = "\(results)/\(accepted.job)"
        response.mark(accepted)
        return response
    }

    @Sendable private func run(_ call: Call) async throws -> Response {
        if try call.isDryRun { return call.answer(try await dryRun(call)) }
        let wait = try call.wait(default: call.agent.limits.longestWait)
        let accepted = try await call.invoke(.sync)
        let job = try await result(of: accepted, for: call, waiting: accepted.isReplay ? .zero : wait)
        guard job.state.isTerminal || !accepted.isReplay else { throw inProgress(job) }
        var response = Response(bytes: body(job), contentType: "application/json")
        if !job.state.isTerminal {
            response.headers[.location] = "\(results)/\(job.id)"
            response.headers[.retryAfter] = "1"
        }
        response.mark(accepted)
        return response
    }

    private func dryRun(_ call: Call) async throws -> DryRun {
        var run = try await call.dryRun(.sync)
        guard let replay = run.replay.map({ Acceptance(job: $0, isReplay: true) }) else { return run }
        let job = try await result(of: replay, for: call, waiting: .zero)
        if !job.state.isTerminal { run.refusals.append(inProgress(job)) }
        return run
    }

    private func inProgress(_ job: JobResult) -> Refusal {
        Refusal(
            .idempotencyInProgress,
            "The request with this Idempotency-Key is still in progress: GET \(results)/\(job.id) tells its result.",
            retryAfter: 1
        )
    }

    private func result(of accepted: Acceptance, for call: Call, waiting wait: Duration) async throws -> JobResult {
        try await call.agent.result("\(accepted.job)", for: try call.account(), waiting: wait)
    }
}

extension Response {
    fileprivate mutating func mark(_ accepted: Acceptance) {
        if accepted.isReplay { headers[.idempotencyReplayed] = "true" }
    }
}
