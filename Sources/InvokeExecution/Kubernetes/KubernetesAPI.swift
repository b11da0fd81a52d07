import AsyncHTTPClient
import Foundation
import InvokeModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// The API of a cluster.
final class KubernetesAPI: Sendable {
    let access: KubernetesAccess
    private let client: HTTPClient

    /// Bytes of an answer that are read: lists of thousands of pods are the longest.
    private static let longestAnswer = 256 << 20
    private static let limits = JSONLimits(depth: 64, nodes: 20_000_000, keyBytes: 1 << 20)
    private static let patience = TimeAmount.seconds(60)

    init(_ access: KubernetesAccess) {
        self.access = access
        var configuration = HTTPClient.Configuration(tlsConfiguration: access.tls, redirectConfiguration: .disallow)
        // Who asks hears at once that nobody is there, and asks again himself.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Each attempt that runs has a connection of its own, on which its program is heard.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4_096
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(10)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// Asks for something; the path begins behind the server's address.
    /// - Throws: `KubernetesFault`.
    @discardableResult
    func ask(_ path: String, _ method: HTTPMethod = .GET, body: JSON? = nil) async throws(KubernetesFault) -> JSON {
        let response = try await open(path, method, body, within: Self.patience)
        let bytes = try await reaching { try await response.body.collect(upTo: Self.longestAnswer) }
        do {
            return try JSON(parsing: Array(bytes.readableBytesView), limits: Self.limits)
        } catch {
            throw .unanswered("\(access.server) does not answer in JSON to \(method) \(path): is it a cluster's API?")
        }
    }

    /// Asks for something that need not be there; nil when it is not.
    /// - Throws: `KubernetesFault`.
    @discardableResult
    func find(_ path: String, _ method: HTTPMethod = .GET) async throws(KubernetesFault) -> JSON? {
        do {
            return try await ask(path, method)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Asks for something to be made; nil when it is there already.
    /// - Throws: `KubernetesFault`.
    @discardableResult
    func make(_ path: String, _ document: JSON) async throws(KubernetesFault) -> JSON? {
        do {
            return try await ask(path, .POST, body: document)
        } catch {
            guard error.isDuplicate else { throw error }
            return nil
        }
    }

    /// Asks for something whose answer comes bit by bit, until its end.
    /// - Throws: `KubernetesFault`, also when the answer breaks off; what `take` throws.
    func listen(_ path: String, within limit: TimeAmount, take: (ByteBuffer) async throws -> Void) async throws {
        let response = try await open(path, .GET, nil, within: limit)
        var pieces = response.body.makeAsyncIterator()
        while true {
            let next: ByteBuffer?
            do { next = try await pieces.next() } catch { throw fault(error) }
            guard let next else { return }
            try await take(next)
        }
    }

    private func open(
        _ path: String,
        _ method: HTTPMethod,
        _ body: JSON?,
        within limit: TimeAmount
    ) async throws(KubernetesFault) -> HTTPClientResponse {
        var request = HTTPClientRequest(url: access.server + path)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json, */*")
        if let token = try access.token() { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body.bytes())
        }
        let asked = request
        let response = try await reaching { try await client.execute(asked, timeout: limit) }
        guard !(200..<300).contains(response.status.code) else { return response }
        let bytes = (try? await response.body.collect(upTo: 1 << 20)).map { Array($0.readableBytesView) } ?? []
        let told = try? JSON(parsing: bytes)
        throw .refused(
            status: Int(response.status.code),
            reason: told?["reason"]?.string ?? response.status.reasonPhrase,
            message: told?["message"]?.string ?? String(decoding: bytes.prefix(200), as: UTF8.self)
        )
    }

    private func reaching<Value>(_ body: () async throws -> Value) async throws(KubernetesFault) -> Value {
        do { return try await body() } catch { throw fault(error) }
    }

    private func fault(_ error: any Error) -> KubernetesFault {
        let text =
            "The cluster's API at \(access.server) does not answer: \(error). Is it there, and may the agent reach it?"
        switch error {
        case is NIOConnectionError: return .away(text)
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            return .away(text)
        case let error as HTTPClientError where error == .connectTimeout: return .away(text)
        default: return .unanswered(text)
        }
    }
}

/// Why the API has not done what it was asked for.
enum KubernetesFault: Error, Hashable {
    /// It can't be asked now, and has done nothing.
    case away(String)
    /// It has not answered, so nobody knows whether it has done it.
    case unanswered(String)
    /// It says no, in its own words; the reason is one of the API's, such as `NotFound`.
    case refused(status: Int, reason: String, message: String)

    var text: String {
        switch self {
        case .away(let text), .unanswered(let text): text
        case .refused(401, _, _): "The cluster does not know the agent (401): is its token still valid?"
        case .refused(let status, let reason, let message): "\(message) (\(status) \(reason))"
        }
    }

    /// Whether what was asked for is not there.
    var isMissing: Bool { if case .refused(404, _, _) = self { true } else { false } }
    /// Whether what was to be made is there already.
    var isDuplicate: Bool { if case .refused(409, "AlreadyExists", _) = self { true } else { false } }
    var isUnanswered: Bool { if case .unanswered = self { true } else { false } }
    /// Whether what was asked for is wrong in itself, whenever it is asked for.
    var isFinal: Bool {
        if case .refused(400, _, _) = self { true } else if case .refused(422, _, _) = self { true } else { false }
    }
}
