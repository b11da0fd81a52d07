import AsyncHTTPClient
import Glibc
import InvokeModel
package import Logging
import NIOCore
import NIOHTTP1

/// A request to a server that is not ours.
package struct OutboundRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let method: Method
    package let headers: [(name: String, value: String)]
    /// JSON, when there is any.
    package let body: [UInt8]?

    package init(_ method: Method, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil) {
        self.method = method
        self.headers = headers
        self.body = body
    }
}

/// Why there is no answer, in words without addresses: others than the operator may read them, the log has the rest.
package struct OutboundFault: Error {
    package let reason: String
    /// Whether nobody was called, because the guard does not allow it.
    package let isBlocked: Bool

    package init(reason: String, isBlocked: Bool = false) {
        self.reason = reason
        self.isBlocked = isBlocked
    }
}

/// Sends a request to one checked address.
///
/// Every request gets a client of its own that maps the URL's host to the checked address: the host is not looked up
/// again, `Host` and TLS still name it, and no connection outlives the check that allowed it. Redirects are not followed.
package struct OutboundClient: Sendable {
    private let userAgent: String
    private let connectTimeout: Duration
    private let readBytes: Int
    private let logger: Logger

    /// `readBytes` is the most of an answer's body that is read.
    package init(userAgent: String, connectTimeout: Duration, readBytes: Int = 64 << 10, logger: Logger) {
        self.userAgent = userAgent
        self.connectTimeout = connectTimeout
        self.readBytes = readBytes
        self.logger = logger
    }

    /// Makes one attempt. A status that has arrived counts, also when the body behind it never ends.
    private func send(
        _ request: OutboundRequest,
        to destination: ResolvedURL,
        attempt: Int
    ) async throws(OutboundFault) -> OutboundAnswer {
        var outgoing = HTTPClientRequest(url: destination.url.description)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if let body = request.body {
            outgoing.headers.add(name: "content-type", value: "application/json")
            outgoing.body = .bytes(ByteBuffer(bytes: body))
        }
        return try await exchange(outgoing, with: destination, attempt: attempt) { await answer($0) }
    }

    /// What has been answered, as much of it as the client reads.
    func answer(_ response: HTTPClientResponse) async -> OutboundAnswer {
        let (body, isWhole) = await beginning(of: response.body)
        return OutboundAnswer(
            status: response.status.code,
            retryAfter: response.headers.first(name: "retry-after"),
            body: body,
            isWhole: isWhole
        )
    }

    /// Sends a request and takes its answer as it arrives, for as long as the calling task is not cancelled.
    ///
    /// `silence` is how long the other side may send or take nothing; nil for as long as the task goes on.
    func exchange<Value: Sendable>(
        _ request: HTTPClientRequest,
        with destination: ResolvedURL,
        attempt: Int,
        silence: Duration? = nil,
        _ take: (HTTPClientResponse) async -> Value
    ) async throws(OutboundFault) -> Value {
        var request = request
        request.headers.add(name: "user-agent", value: userAgent)
        let client = client(for: destination, attempt: attempt, silence: silence)
        let answer: Result<Value, OutboundFault>
        do {
            // The caller bounds the time of the whole attempt; this bound is never reached.
            answer = .success(await take(try await client.execute(request, timeout: .hours(25))))
        } catch {
            logger.debug("no answer", metadata: ["endpoint": "\(destination.url.endpoint)", "error": "\(error)"])
            answer = .failure(OutboundFault(reason: Self.plainText(of: error)))
        }
        do { try await client.shutdown() } catch { logger.debug("http client", metadata: ["error": "\(error)"]) }
        return try answer.get()
    }

    /// Checks where a URL leads now, and makes one attempt; `attempt` counts from 0 and chooses among several addresses.
    package func send(
        _ request: OutboundRequest,
        to url: OutboundURL,
        through outbound: OutboundGuard,
        attempt: Int = 0
    ) async throws(OutboundFault) -> OutboundAnswer {
        let destination = try await outbound.resolve(url)
        return try await send(request, to: destination, attempt: attempt)
    }

    /// The same, over in time: look-up, connection, request and answer.
    package func send(
        _ request: OutboundRequest,
        to url: OutboundURL,
        through outbound: OutboundGuard,
        within limit: Duration
    ) async throws(OutboundFault) -> OutboundAnswer {
        let answer = await withTaskGroup(of: Result<OutboundAnswer, OutboundFault>.self) { group in
            group.addTask {
                do throws(OutboundFault) {
                    return .success(try await send(request, to: url, through: outbound))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(OutboundFault(reason: "No answer within \(limit)."))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(OutboundFault(reason: "No answer."))
        }
        return try answer.get()
    }

    private func client(for destination: ResolvedURL, attempt: Int, silence: Duration?) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .nanoseconds(Int64(connectTimeout / .nanoseconds(1)))
        configuration.timeout.read = silence.map { .nanoseconds(Int64($0 / .nanoseconds(1))) }
        configuration.timeout.write = configuration.timeout.read
        // A failed connection is a failed attempt: whoever made it knows when the next one is.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = Self.noticeSilence
        if case .name(let name) = destination.url.host {
            configuration.dnsOverride[name] = destination.address(forAttempt: attempt).description
        }
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Has the system find out whether the other side is still there while it says nothing: one that has forgotten the
    /// connection, or can't be reached any more, would otherwise be waited for as long as the caller has time.
    private static func noticeSilence(on channel: any Channel) -> EventLoopFuture<Void> {
        let options: [(ChannelOptions.Types.SocketOption, Int)] = [
            (.init(level: .socket, name: .so_keepalive), 1),
            // Seconds of silence before the first question, and between two; milliseconds until it is given up.
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE)), 15),
            (.init(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL)), 5),
            (.init(level: .tcp, name: .init(rawValue: TCP_USER_TIMEOUT)), 30_000),
        ]
        return .andAllSucceed(options.map { channel.setOption($0, value: $1) }, on: channel.eventLoop)
    }

    private func beginning(of body: HTTPClientResponse.Body) async -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        do {
            for try await part in body {
                let room = readBytes - bytes.count
                bytes += part.readableBytesView.prefix(room)
                if part.readableBytes > room { return (bytes, false) }
            }
        } catch {
            return (bytes, false)
        }
        return (bytes, true)
    }

    private static func plainText(of error: any Error) -> String {
        switch error as? HTTPClientError {
        case .connectTimeout: "No connection in time."
        case .tlsHandshakeTimeout: "No TLS handshake in time."
        case .remoteConnectionClosed: "The connection was closed before an answer came."
        case .some(let error): "No answer: \(error.shortDescription)."
        case nil: "No answer: the connection could not be made, or it broke."
        }
    }
}
