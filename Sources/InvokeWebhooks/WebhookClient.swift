import AsyncHTTPClient
import Foundation
import InvokeOutbound
import Logging
import NIOCore
import NIOHTTP1

/// Sends one signed request to one checked address.
///
/// Every request gets a client of its own that maps the URL's host to the checked address: the host is not looked up
/// again, `Host` and TLS still name it, and no connection outlives the check that allowed it.
struct WebhookClient: Sendable {
    /// The most of an answer's body that is read.
    static let readBytes = 64 << 10

    let userAgent: String
    let connectTimeout: Duration
    let logger: Logger

    /// Makes one attempt; `attempt` counts from 0 and chooses among several addresses.
    /// - Returns: nil when the calling task was cancelled before there was an answer. A status that has arrived counts,
    ///   also when the body behind it never ends.
    func post(
        _ body: [UInt8],
        _ headers: [(name: String, value: String)],
        to destination: ResolvedURL,
        attempt: Int,
        now: Date
    ) async -> DeliveryAnswer? {
        var request = HTTPClientRequest(url: destination.url.description)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: userAgent)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))

        let client = client(for: destination, attempt: attempt)
        let answer: DeliveryAnswer?
        do {
            // The caller bounds the time of the whole attempt; this bound is never reached.
            let response = try await client.execute(request, timeout: .hours(1))
            answer = DeliveryAnswer(
                status: response.status.code,
                retryAfter: response.headers.first(name: "retry-after"),
                body: await Self.beginning(of: response.body),
                now: now
            )
        } catch {
            logger.debug("webhook attempt failed", metadata: ["error": "\(error)"])
            answer = Task.isCancelled ? nil : DeliveryAnswer(failure: Self.plainText(of: error))
        }
        do { try await client.shutdown() } catch { logger.debug("webhook client", metadata: ["error": "\(error)"]) }
        return answer
    }

    private func client(for destination: ResolvedURL, attempt: Int) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .nanoseconds(Int64(connectTimeout / .nanoseconds(1)))
        // A failed connection is a failed attempt: the schedule says when the next one is.
        configuration.connectionPool.retryConnectionEstablishment = false
        if case .name(let name) = destination.url.host {
            configuration.dnsOverride[name] = destination.address(forAttempt: attempt).description
        }
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Reads at most `readBytes`, keeps what an answer shows.
    private static func beginning(of body: HTTPClientResponse.Body) async -> [UInt8] {
        var kept: [UInt8] = []
        var count = 0
        do {
            for try await part in body {
                kept += part.readableBytesView.prefix(DeliveryAnswer.keptBytes - kept.count)
                count += part.readableBytes
                if count >= readBytes { break }
            }
        } catch {
            return kept
        }
        return kept
    }

    /// Words without addresses: the receiver's owner reads them, the log has the rest.
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
