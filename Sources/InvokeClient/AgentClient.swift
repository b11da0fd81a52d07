import AsyncHTTPClient
import Foundation
public import InvokeModel
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix

/// One agent, as one account speaks to it.
///
/// ```swift
/// let agent = try AgentClient(url: "http://127.0.0.1:8191", credentials: .token("…"))
/// let job = try await agent.invoke("did:dep:…/…", inputs: ["text": "hello"])
/// let ended = try await agent.follow(job) { event in print(event.name) }
/// print(ended.outputs["louder"]?.string ?? "")
/// ```
/// Every call throws an `AgentRefusal` for what the agent refuses and an `AgentUnreachable` when there is no answer.
public struct AgentClient: Sendable {
    /// The agent's address, without a slash at its end.
    public let url: String
    let credentials: AgentCredentials?
    private let userAgent: String

    /// Speaks to the agent at a URL of the scheme `http` or `https`, of which a path is kept; without credentials as
    /// somebody who only looks around.
    /// - Throws: `AgentUnreachable` for what is no such address.
    public init(
        url: String,
        credentials: AgentCredentials? = nil,
        userAgent: String = "invoke-agent-client"
    ) throws(AgentUnreachable) {
        guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme), parts.host != nil,
            parts.query == nil, parts.fragment == nil, parts.user == nil
        else { throw AgentUnreachable(url: url, reason: "that is no address such as http://127.0.0.1:8191") }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.credentials = credentials
        self.userAgent = userAgent
    }

    /// Makes any call.
    ///
    /// `path` is percent-encoded, from the slash on, with its query; `timeout` is for the whole answer.
    /// - Throws: `AgentRefusal` for every status from 300 on, `AgentUnreachable`.
    public func send(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(90)
    ) async throws -> AgentAnswer {
        let body = body.map { HTTPClientRequest.Body.bytes(ByteBuffer(bytes: $0)) }
        return try await exchange(method, path, headers: headers, body: body, timeout: timeout) { response in
            let bytes = try await response.body.collect(upTo: Self.longestAnswer)
            return AgentAnswer(
                status: Int(response.status.code),
                headers: response.headers.map { (name: $0.name.lowercased(), value: $0.value) },
                body: Array(bytes.readableBytesView)
            )
        }
    }

    /// Sends a request and takes its answer as it arrives.
    func exchange<Value: Sendable>(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: HTTPClientRequest.Body? = nil,
        timeout: Duration,
        _ take: (HTTPClientResponse) async throws -> Value
    ) async throws -> Value {
        var request = HTTPClientRequest(url: url + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "user-agent", value: userAgent)
        if let credentials { request.headers.add(name: "authorization", value: credentials.header) }
        for header in headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        request.body = body
        do {
            let response = try await Self.http.execute(request, timeout: .nanoseconds(timeout.nanoseconds))
            guard (200..<300).contains(response.status.code) else { throw try await refusal(response) }
            return try await take(response)
        } catch let refusal as AgentRefusal {
            throw refusal
        } catch let cancellation as CancellationError {
            throw cancellation
        } catch let fault as any AgentFault {
            throw fault
        } catch {
            throw AgentUnreachable(url: url, reason: Self.reason(error))
        }
    }

    private func refusal(_ response: HTTPClientResponse) async throws -> AgentRefusal {
        let body = try await response.body.collect(upTo: Self.longestAnswer)
        return AgentRefusal(
            status: Int(response.status.code),
            body: Array(body.readableBytesView),
            retryAfter: response.headers.first(name: "retry-after")
        )
    }

    /// In words for a person, without types of libraries.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where [.connectTimeout, .deadlineExceeded].contains(error):
            "no answer in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "the connection was closed"
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: "there is no such host"
        case is NIOConnectionError: "nothing answers there"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "nothing answers there"
        case let error as IOError: error.localizedDescription
        default: "\(error)"
        }
    }

    private static let longestAnswer = 256 << 20

    /// The connections of all clients, which live as long as the program.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // Who calls hears at once that nobody is there, and knows himself whether to wait.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()
}

/// What an agent has answered.
public struct AgentAnswer: Sendable {
    /// From 200 to 299.
    public let status: Int
    /// Names in lower case.
    public let headers: [(name: String, value: String)]
    /// All of it.
    public let body: [UInt8]

    /// The body, read as JSON.
    /// - Throws: `AgentAnswerFault` when it is something else.
    public func json() throws(AgentAnswerFault) -> JSON {
        let limits = JSONLimits(depth: 64, nodes: 10_000_000, keyBytes: 1 << 20)
        guard let json = try? JSON(parsing: body, limits: limits) else { throw AgentAnswerFault() }
        return json
    }

    /// The first header of a name in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

extension Duration {
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
