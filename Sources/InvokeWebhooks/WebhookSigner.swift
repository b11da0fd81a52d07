package import Foundation
package import InvokeModel
import InvokeOutbound
package import InvokeStore

/// Signs what is sent to webhooks (reliability promise W3).
///
/// A secret is 32 bytes made from its holder and the number of its generation, so none is ever stored.
package struct WebhookSigner: Sendable {
    /// How long the secret before a rotation signs along.
    package static let overlap: TimeInterval = 24 * 3600

    private let secret: @Sendable (SecretHolder, Int) -> [UInt8]

    /// - Parameter secret: derives the 32 bytes of a holder's secret of one generation.
    package init(secret: @escaping @Sendable (_ holder: SecretHolder, _ generation: Int) -> [UInt8]) {
        self.secret = secret
    }

    /// The three headers of one attempt.
    /// - Parameters:
    ///   - id: the same on every attempt; has no full stop.
    ///   - body: the very bytes that are sent.
    ///   - generation: the secret of the receiver's.
    ///   - time: of this attempt.
    /// - Returns: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    package func headers(
        id: String,
        body: [UInt8],
        by generation: SecretGeneration,
        at time: Date
    ) -> [(name: String, value: String)] {
        let secrets = Self.numbers(of: generation, at: time).map { secret(generation.holder, $0) }
        return MessageSignature.headers(id: id, body: body, secrets: secrets, at: time)
    }

    /// The same for what is sent to an account that the store knows.
    /// - Returns: nil when there is no such account.
    package func headers(
        id: String,
        body: [UInt8],
        account: Int64,
        in store: Store,
        at time: Date
    ) async throws -> [(name: String, value: String)]? {
        guard let generation = try await store.secretGeneration(ofAccount: account) else { return nil }
        return headers(id: id, body: body, by: generation, at: time)
    }

    /// The generations whose secrets sign at a time, the present one first.
    private static func numbers(of generation: SecretGeneration, at time: Date) -> [Int] {
        guard let rotatedAt = generation.rotatedAt, time.timeIntervalSince(rotatedAt) < overlap else {
            return [generation.number]
        }
        return [generation.number, generation.number - 1]
    }
}
