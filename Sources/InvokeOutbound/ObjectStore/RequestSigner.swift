package import Foundation
import InvokeModel

/// Signs requests to an object store.
package struct RequestSigner: Sendable {
    private let credentials: ObjectStoreCredentials

    package init(_ credentials: ObjectStoreCredentials) { self.credentials = credentials }

    /// The header fields that prove a request; they go with the others.
    ///
    /// `headers` are all that are to be signed, by their names in small letters, `host` among them; `payload` is the SHA-256
    /// of the body in hexadecimal, or `UNSIGNED-PAYLOAD`.
    package func headers(
        method: String,
        _ target: RequestTarget,
        headers: [String: String],
        payload: String,
        at time: Date
    ) -> [String: String] {
        let signer = signer(time)
        let added = ["x-amz-content-sha256": payload, "x-amz-date": signer.timestamp]
        let signed = headers.merging(added) { $1 }
        let signature = signer.signature(method: method, target, headers: signed, payload: payload)
        let authorization =
            "\(SignatureV4.algorithm) Credential=\(credentials.accessKey)/\(signer.scope), "
            + "SignedHeaders=\(signed.keys.sorted().joined(separator: ";")), Signature=\(signature.hexadecimal)"
        return added.merging(["authorization": authorization]) { $1 }
    }

    /// The target of a request that whoever has it may make until it expires, without any credentials.
    ///
    /// `headers` are what the request must have, by their names in small letters, `host` among them; `lifetime` is in whole
    /// seconds, 1 to 604,800.
    package func presigned(
        method: String,
        _ target: RequestTarget,
        headers: [String: String],
        lifetime: Int,
        at time: Date
    ) -> RequestTarget {
        let signer = signer(time)
        var target = target
        target.query += [
            .init("X-Amz-Algorithm", SignatureV4.algorithm),
            .init("X-Amz-Credential", "\(credentials.accessKey)/\(signer.scope)"),
            .init("X-Amz-Date", signer.timestamp),
            .init("X-Amz-Expires", String(lifetime)),
            .init("X-Amz-SignedHeaders", headers.keys.sorted().joined(separator: ";")),
        ]
        let signature = signer.signature(method: method, target, headers: headers, payload: SignatureV4.unsigned)
        target.query.append(.init("X-Amz-Signature", signature.hexadecimal))
        return target
    }

    private func signer(_ time: Date) -> SignatureV4 {
        SignatureV4(
            secret: credentials.secretKey,
            timestamp: SignatureV4.timestamp(time),
            region: credentials.region
        )
    }
}
