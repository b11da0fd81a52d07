import Crypto
import Foundation

/// What a receiver does by the specification, written from its text and not from our signer: HMAC is built here from
/// the hash (RFC 2104).
package enum StandardWebhooks {
    /// - Returns: whether one of the signatures is of this secret.
    package static func verify(_ request: Receiver.Request, secret: String) -> Bool {
        guard secret.hasPrefix("whsec_"), let key = Data(base64Encoded: String(secret.dropFirst(6))),
            let id = request.headers["webhook-id"], let timestamp = request.headers["webhook-timestamp"],
            let signatures = request.headers["webhook-signature"]
        else { return false }
        let wanted = hmac(Array(key), Array("\(id).\(timestamp).".utf8) + request.body)
        return signatures.split(separator: " ").contains { "v1," + Data(wanted).base64EncodedString() == $0 }
    }

    private static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
        let inner = Array(SHA256.hash(data: padded.map { $0 ^ 0x36 } + message))
        return Array(SHA256.hash(data: padded.map { $0 ^ 0x5C } + inner))
    }
}
