import AsyncHTTPClient
import Foundation
import InvokeModel
import NIOCore
import NIOHTTP1

/// Talks to a running agent as its admin.
struct AgentClient: Sendable {
    let url: String

    struct Answer: Sendable {
        let status: UInt
        let body: JSON
        let bytes: [UInt8]
    }

    func send(
        _ method: String,
        _ path: String,
        _ body: JSON? = nil,
        type: String = "application/json",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(
            method,
            path,
            bytes: body.map { HTTPClientRequest.Body.bytes($0.bytes()) },
            type: type,
            headers: headers
        )
    }

    func send(
        _ method: String,
        _ path: String,
        bytes: HTTPClientRequest.Body?,
        type: String,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .RAW(value: method)
        request.setBasicAuth(username: "admin", password: AgentProcess.password)
        if let bytes {
            request.headers.add(name: "Content-Type", value: type)
            request.body = bytes
        }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let answer = Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        return Answer(status: response.status.code, body: (try? JSON(parsing: answer)) ?? .null, bytes: answer)
    }

    /// Registers a service with one operation `work` that runs a shell script.
    /// - Returns: the id of the operation.
    func registerWork(_ script: String, name: String = "work", concurrency: Int = 4) async throws -> String {
        let definition: JSON = [
            "name": .string(name), "version": "1.0.0",
            "operations": [
                "work": [
                    "inputs": ["word": ["type": "string"]],
                    "outputs": ["echo": ["type": "string"]],
                    "run": ["engine": "process", "command": ["sh", "work.sh"], "files": ["work.sh": .string(script)]],
                ]
            ],
            "pool": ["concurrency": .number(JSONNumber(concurrency))],
        ]
        let answer = try await send("POST", "/services", definition)
        guard let id = answer.body["operations"]?["work"]?["id"]?.string else { throw AgentProcess.Unexpected() }
        return id
    }

    /// Starts a job.
    /// - Returns: its id, once the agent has acknowledged it; nil when it has refused.
    func invoke(_ operation: String, _ word: String, headers: [String: String] = [:]) async throws -> String? {
        try await send("POST", "/invokeasync/\(operation)", ["word": .string(word)], headers: headers).body["jobid"]?
            .string
    }

    /// The result of a job, once it has ended.
    func result(of job: String) async throws -> JSON {
        while true {
            let answer = try await send("GET", "/jobs/result/\(job)?wait=20")
            guard answer.status == 200 else { throw AgentProcess.Unexpected() }
            if ["completed", "error"].contains(answer.body["status"]?.string) { return answer.body }
        }
    }

    /// What the address itself answers to somebody without credentials.
    func anonymousStatus() async throws -> UInt {
        try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20)).status.code
    }
}
