import AsyncHTTPClient
public import InvokeModel
import NIOHTTP1
import NIOCore

/// One thing that happened to a job.
public struct AgentEvent: Sendable, Hashable {
    /// Where a reader is who has read it.
    public let id: String
    /// `state`, `progress` or `log`.
    public let name: String
    /// What happened; `jobid` and `timestamp` are always there.
    public let data: JSON

    package init(id: String, name: String, data: JSON) {
        self.id = id
        self.name = name
        self.data = data
    }
}

extension AgentClient {
    /// Reads what happens to a job, from its beginning to its end, also across broken connections and restarts.
    ///
    /// `each` is told every event once, in order; the agent may be away for as long as `patience`. The answer is the job at
    /// its end.
    public func follow(
        _ id: String,
        patience: Duration = .seconds(60),
        each: (AgentEvent) async throws -> Void
    ) async throws -> AgentJob {
        try await read(Self.path("jobs", id, "events"), patience: patience, each: each)
        return try await job(id)
    }

    /// Reads what a job's program writes, from the beginning to its end.
    public func followLog(
        of id: String,
        patience: Duration = .seconds(60),
        each: (AgentEvent) async throws -> Void
    ) async throws {
        try await read(Self.path("jobs", id, "logs") + "?follow=1", patience: patience, each: each)
    }

    /// Reads what happens to all of the caller's own jobs from now on, until the task is cancelled.
    public func followJobs(patience: Duration = .seconds(60), each: (AgentEvent) async throws -> Void) async throws {
        try await read("/events", patience: patience, each: each)
    }

    private func read(
        _ path: String,
        patience: Duration,
        each: (AgentEvent) async throws -> Void
    ) async throws {
        var last: String?
        var heard = ContinuousClock.now
        while true {
            var headers = [(name: "accept", value: "text/event-stream")]
            if let last { headers.append(("last-event-id", last)) }
            do {
                let isOver = try await exchange("GET", path, headers: headers, timeout: .seconds(30)) { response in
                    guard response.status != .noContent else { return true }
                    var reader = ServerSentEventReader()
                    for try await chunk in response.body {
                        heard = .now
                        for event in reader.read(chunk.readableBytesView) {
                            last = event.id
                            try await each(event)
                        }
                    }
                    return false
                }
                if isOver { return }
                heard = .now
            } catch let fault as AgentUnreachable {
                guard ContinuousClock.now - heard < patience else { throw fault }
            } catch let refusal as AgentRefusal where refusal.status == 503 {
                guard ContinuousClock.now - heard < patience else { throw refusal }
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
