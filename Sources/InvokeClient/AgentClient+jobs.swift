public import InvokeModel
import OrderedCollections

/// Invocations and jobs.
extension AgentClient {
    /// How an operation is to be run.
    public struct InvocationOptions: Sendable {
        /// Proof that the operation is paid for; without it any settled purchase of the caller's is taken.
        public var purchaseToken: String?
        /// The caller's own name for this call: sent again, it gives the same job.
        public var idempotencyKey: String?
        /// Where the job's end is announced.
        public var webhook: String?
        /// How long the job may take from its acceptance, such as `90s`.
        public var timeout: String?

        /// Nothing but the call itself.
        public init() {}

        var headers: [(name: String, value: String)] {
            [
                ("purchase-token", purchaseToken), ("idempotency-key", idempotencyKey), ("webhook-url", webhook),
                ("job-timeout", timeout),
            ].compactMap { name, value in value.map { (name, $0) } }
        }
    }

    /// Invokes an operation and does not wait: the job is on the agent's disk when this returns.
    ///
    /// The operation is a DID or an id; the inputs are an object of names to values, where an asset is
    /// `{"did": "did:dep:…"}`. The answer is the job's id.
    public func invoke(
        _ operation: String,
        inputs: JSON,
        _ options: InvocationOptions = .init()
    ) async throws -> String {
        let path = Self.path("invokeasync", operation)
        guard let id = try await json("POST", path, headers: options.headers, inputs)["jobid"]?.string else {
            throw AgentAnswerFault()
        }
        return id
    }

    /// Invokes an operation and waits for the job's end, 50 seconds at most; the job may go on after that.
    ///
    /// The answer is the job's id.
    public func invokeAndWait(
        _ operation: String,
        inputs: JSON,
        _ options: InvocationOptions = .init()
    ) async throws -> String {
        let path = Self.path("invoke", operation)
        guard let id = try await json("POST", path, headers: options.headers, inputs)["jobid"]?.string else {
            throw AgentAnswerFault()
        }
        return id
    }

    /// What an invocation would come to, without one: faults, resolved assets, the price, the place in the queue.
    public func dryRun(
        _ operation: AgentOperation,
        inputs: JSON,
        _ options: InvocationOptions = .init()
    ) async throws -> JSON {
        let route = operation.isAsync ? "invokeasync" : "invoke"
        return try await json("POST", Self.path(route, operation.did) + "?dryrun=1", headers: options.headers, inputs)
    }

    /// The caller's own jobs, newest first.
    ///
    /// `filter` is what they must have: `operation`, `service`, `status`, `since`.
    public func jobs(_ filter: [(name: String, value: String)] = [], pageSize: Int = 50) -> AgentPages {
        pages("/jobs", "jobs", filter, size: pageSize)
    }

    /// A job as it stands.
    public func job(_ id: String) async throws -> AgentJob {
        AgentJob(json: try await json("GET", Self.path("jobs", id)))
    }

    /// Waits for a job's end, for a bounded time; the answer is the job, which may not have ended.
    public func wait(for id: String, atMost wait: Duration) async throws -> AgentJob {
        let end = ContinuousClock.now + wait
        repeat {
            let left = min(max(.zero, end - .now), .seconds(30))
            _ = try await send("GET", Self.path("jobs", "result", id) + "?wait=\(left.components.seconds)")
            let job = try await job(id)
            if job.state.isEnd { return job }
        } while ContinuousClock.now < end
        return try await job(id)
    }

    /// Ends a job; one that runs is told to stop and ends within seconds.
    public func cancel(_ id: String) async throws -> AgentJob {
        AgentJob(json: try await json("POST", Self.path("jobs", id, "cancel")))
    }

    /// Starts a new job of an ended one, the same operation on the same inputs, and answers with its id.
    public func retry(_ id: String) async throws -> String {
        guard let id = try await json("POST", Self.path("jobs", id, "retry"))["jobid"]?.string else {
            throw AgentAnswerFault()
        }
        return id
    }

    /// Removes an ended job's record and log; the assets it made stay.
    public func removeJob(_ id: String) async throws { _ = try await send("DELETE", Self.path("jobs", id)) }

    /// What the job's program has written so far, in all its attempts.
    public func log(of id: String) async throws -> [UInt8] {
        try await send("GET", Self.path("jobs", id, "logs"), headers: [("accept", "text/plain")]).body
    }

    /// What a job used and made, as PROV-JSON.
    public func provenance(ofJob id: String) async throws -> JSON {
        try await json("GET", Self.path("jobs", id, "provenance"))
    }
}

/// One run of an operation.
public struct AgentJob: Sendable, Hashable {
    /// The document, as the agent sent it.
    public let json: JSON

    /// A job as a list of them tells it.
    public init(json: JSON) { self.json = json }

    /// How a job stands.
    public enum State: String, Sendable {
        case scheduled, running, succeeded, failed, cancelled

        /// Whether it stays so.
        public var isEnd: Bool { self != .scheduled && self != .running }
    }

    /// Decimal digits.
    public var id: String { json["jobid"]?.string ?? "" }
    /// How it stands.
    public var state: State { (json["status"]?.string).flatMap(State.init) ?? .scheduled }
    /// Output names to values, once it has succeeded; an asset is `{"did": "did:dep:…"}`.
    public var outputs: [String: JSON] {
        (json["outputs"]?.object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value }
    }
    /// Why it failed or was cancelled.
    public var failure: String? { json["description"]?.string }
}
