import Crypto
package import Foundation
package import InvokeModel
package import InvokeOutbound
package import Logging
import Synchronization

/// Asks a server of the operator's choice about tokens that mean nothing here (dep.md §14, kind c).
///
/// A yes is remembered for a minute at most, a no never.
package final class ExternalTokenVerifier: TokenVerifier {
    /// Who is asked about what, as a hash.
    private typealias Question = SHA256.Digest

    private let url: OutboundURL
    private let secret: [UInt8]
    private let client: OutboundClient
    private let outbound: OutboundGuard
    private let patience: Duration
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let remembered = Mutex<[Question: (token: VerifiedToken, until: Date)]>([:])

    private static let lifetime: TimeInterval = 60
    private static let capacity = 10_000

    /// `secret` signs the questions, as webhooks are signed; `patience` is how long an answer may take.
    package init(
        url: OutboundURL,
        secret: [UInt8],
        client: OutboundClient,
        outbound: OutboundGuard,
        patience: Duration = .seconds(3),
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.url = url
        self.secret = secret
        self.client = client
        self.outbound = outbound
        self.patience = patience
        self.now = now
        self.logger = logger
    }

    package func verify(_ token: String, for use: TokenUse) async throws(TokenFault) -> VerifiedToken {
        let body: JSON = [
            "token": .string(token), "asset": .string(DID(agent: use.agent, asset: use.asset).description),
            "operation": .string(DID(agent: use.agent, asset: use.operation).description),
            "consumer": .string(use.consumer.description),
            // There is none yet: a job that is not paid for is not made.
            "job": .null,
        ]
        let bytes = body.bytes()
        let question = SHA256.hash(data: bytes)
        let known = remembered.withLock { $0[question] }
        if let known, now() < known.until { return known.token }
        let answer = try await ask(bytes)
        guard answer.isValid else { throw .invalid("is not valid, says who was asked about it") }
        guard answer.expires.map({ now() < $0 }) ?? true else { throw .invalid("has expired") }
        let identity = Hex32(first32: SHA256.hash(data: Array(token.utf8)))
        let verified = VerifiedToken(identity: identity, uses: answer.uses, expires: answer.expires)
        let until = min(now().addingTimeInterval(Self.lifetime), answer.expires ?? .distantFuture)
        remembered.withLock { remembered in
            if remembered.count >= Self.capacity { remembered.removeAll() }
            remembered[question] = (verified, until)
        }
        return verified
    }

    private func ask(_ body: [UInt8]) async throws(TokenFault) -> CheckerAnswer {
        let id = "msg_" + (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
        // Who is asked compares the time with his own.
        let headers = MessageSignature.headers(id: id, body: body, secrets: [secret], at: Date())
        let request = OutboundRequest(.post, headers: headers, body: body)
        do throws(OutboundFault) {
            let answer = try await client.send(request, to: url, through: outbound, within: patience)
            guard answer.status == 200 else { throw OutboundFault(reason: "HTTP \(answer.status).") }
            guard answer.isWhole, let answer = CheckerAnswer(answer.body) else {
                throw OutboundFault(reason: "200 without {\"valid\": true or false, …}.")
            }
            return answer
        } catch {
            logger.warning("the checker of purchase tokens gives no answer", metadata: ["reason": "\(error.reason)"])
            throw .undecided("Who decides about purchase tokens can't be asked at the moment.")
        }
    }
}

/// What the checker says: `{"valid": true, "expires"?, "uses"?}`.
private struct CheckerAnswer {
    let isValid: Bool
    let expires: Date?
    let uses: Int?

    /// `expires` is a time as RFC 3339 writes it, or seconds since 1970.
    /// - Returns: nil for anything else.
    init?(_ body: [UInt8]) {
        guard let answer = try? JSON(parsing: body), let isValid = answer["valid"]?.bool else { return nil }
        self.isValid = isValid
        switch answer["expires"] {
        case nil, .null: expires = nil
        case .number(let seconds): expires = Date(timeIntervalSince1970: min(seconds.double, 253_402_300_799))
        case .string(let text):
            let formats = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
            guard let date = formats.lazy.compactMap({ try? Date(text, strategy: $0) }).first else { return nil }
            expires = date
        default: return nil
        }
        switch answer["uses"] {
        case nil, .null: uses = nil
        case let value:
            guard let count = value?.int, count >= 1 else { return nil }
            uses = count
        }
    }
}
