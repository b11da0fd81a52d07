import Crypto
package import Foundation

/// Signs what is sent to others, as Standard Webhooks 1.0 says (reliability promise W2).
package enum MessageSignature {
    /// The three headers of one attempt.
    /// - Parameters:
    ///   - id: the same on every attempt; has no full stop.
    ///   - body: the very bytes that are sent.
    ///   - secrets: each signs; receivers take any of them.
    ///   - time: of this attempt.
    /// - Returns: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    package static func headers(
        id: String,
        body: [UInt8],
        secrets: [[UInt8]],
        at time: Date
    ) -> [(name: String, value: String)] {
        let timestamp = String(Int64(time.timeIntervalSince1970))
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let signatures = secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
            return "v1," + Data(code).base64EncodedString()
        }
        return [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// Reads a secret as it is shown: `whsec_` and the base64 of 24 to 64 bytes.
    package static func secret(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("whsec_"), let bytes = Data(base64Encoded: String(text.dropFirst(6))),
            (24...64).contains(bytes.count)
        else { return nil }
        return Array(bytes)
    }
}
