import AsyncHTTPClient
import InvokeModel
import NIOCore
import NIOHTTP1

/// A container engine behind its unix socket, asked by Docker's API in the version that podman speaks as well.
final class ContainerEngine: Sendable {
    let socket: String
    private let client: HTTPClient

    /// Bytes of an answer that are read; lists of many containers are the longest ones.
    private static let longestAnswer = 64 << 20
    /// An engine that starts hundreds of containers is slow to tell of one.
    static let longestAnswerTime = TimeAmount.minutes(5)
    static let unlimited = TimeAmount.hours(24 * 365)

    init(socket: String) {
        self.socket = socket
        var configuration = HTTPClient.Configuration()
        // A socket that nobody serves will not be served a moment later either: those who can wait ask again themselves.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Each attempt that runs has a connection of its own, on which its program is heard.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4_096
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// What is sent with a request.
    struct Content {
        let type: String
        let body: HTTPClientRequest.Body
    }

    /// Asks for something; the path is what comes behind the version, such as `/info`, with its parts encoded, and the
    /// limit is how long the answer may take.
    /// - Returns: null for an answer without a body.
    /// - Throws: `EngineUnavailable` when there is no answer, `EngineRefusal` when it is none of success, `JSONFault`.
    @discardableResult
    func ask(
        _ path: String,
        _ method: HTTPMethod = .GET,
        body: JSON? = nil,
        within limit: TimeAmount = longestAnswerTime
    ) async throws -> JSON {
        let content = body.map { Content(type: "application/json", body: .bytes($0.bytes())) }
        let response = try await open(path, method, body: content, within: limit)
        let answer = try await reaching { try await response.body.collect(upTo: Self.longestAnswer) }
        guard answer.readableBytes > 0 else { return .null }
        return try JSON(parsing: answer.readableBytesView, limits: JSONLimits(nodes: 1_000_000))
    }

    /// Asks for something whose answer comes bit by bit, until `take` has seen its end.
    /// - Throws: as `ask` does, also when the answer breaks off; `SystemFault` when the body can't be read.
    func listen(
        _ path: String,
        _ method: HTTPMethod = .GET,
        body: Content? = nil,
        take: (ByteBuffer) -> Void
    ) async throws {
        let response = try await open(path, method, body: body, within: Self.unlimited)
        try await reaching { for try await piece in response.body { take(piece) } }
    }

    func open(
        _ path: String,
        _ method: HTTPMethod,
        body: Content?,
        within limit: TimeAmount
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "http+unix://\(Self.encoded(socket))/v1.40\(path)")
        request.method = method
        // Nobody is named by a socket's path, but HTTP asks for a name.
        request.headers.add(name: "host", value: "localhost")
        if let body {
            request.headers.add(name: "content-type", value: body.type)
            request.body = body.body
        }
        let response = try await reaching { try await client.execute(request, timeout: limit) }
        guard (200..<400).contains(response.status.code) else {
            let answer = try await reaching { try await response.body.collect(upTo: Self.longestAnswer) }
            let message = (try? JSON(parsing: answer.readableBytesView))?["message"]?.string
            throw EngineRefusal(status: Int(response.status.code), message: message ?? String(buffer: answer))
        }
        return response
    }

    /// Tells every fault of the connection as what it means.
    private func reaching<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let fault as SystemFault {
            throw fault
        } catch {
            try Task.checkCancellation()
            throw EngineUnavailable(
                "The container engine does not answer at '\(socket)' (\(error)); start it there, or let the agent's user "
                    + "read and write the socket."
            )
        }
    }

    /// A text as one part of a URL.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

/// The engine's own no.
struct EngineRefusal: Error, CustomStringConvertible {
    /// The status of the answer: 404 for what it does not have, 409 for what does not fit.
    let status: Int
    /// In its own words.
    let message: String

    /// Whether it is the engine's own trouble, not what it was asked.
    var isPassing: Bool { status >= 500 }

    var description: String { "\(message) (\(status))" }
}
