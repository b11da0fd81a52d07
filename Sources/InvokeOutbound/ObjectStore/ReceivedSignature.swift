package import Foundation
import InvokeModel

/// The signature that has come with a request, in its `Authorization` or in its query.
package struct ReceivedSignature: Sendable {
    package let accessKey: String
    private let timestamp: String
    private let region: String
    private let signedHeaders: [String]
    private let signature: [UInt8]
    /// Seconds that a presigned request may be made for; nil for one that is signed by its header.
    private let lifetime: Int?

    /// A clock may be wrong by this much, in seconds.
    private static let skew: TimeInterval = 15 * 60
    /// Seconds; the longest that S3 has.
    package static let longestLifetime = 604_800

    /// Whether a request is signed at all, and so meant for the object store.
    package static func isThere(authorization: String?, target: String) -> Bool {
        if let authorization, authorization.hasPrefix(SignatureV4.algorithm) { return true }
        return target.contains("X-Amz-Signature=") || target.contains("X-Amz-Algorithm=")
    }

    /// `date` is the field `x-amz-date`.
    /// - Throws: `malformed`.
    package init(authorization: String?, date: String?, target: RequestTarget) throws(SignatureFault) {
        let credential: String, signed: String, signature: String
        if let authorization {
            let fields = Self.fields(of: authorization)
            guard let found = fields["Credential"], let names = fields["SignedHeaders"],
                let code = fields["Signature"], let date
            else { throw .malformed }
            (credential, signed, signature, timestamp, lifetime) = (found, names, code, date, nil)
        } else {
            guard target["X-Amz-Algorithm"] == SignatureV4.algorithm, let found = target["X-Amz-Credential"],
                let names = target["X-Amz-SignedHeaders"], let code = target["X-Amz-Signature"],
                let date = target["X-Amz-Date"], let seconds = target["X-Amz-Expires"].flatMap({ Int($0) }),
                (1...Self.longestLifetime).contains(seconds)
            else { throw .malformed }
            (credential, signed, signature, timestamp, lifetime) = (found, names, code, date, seconds)
        }
        // An access key may have slashes.
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts.suffix(2) == ["s3", "aws4_request"],
            parts[parts.count - 4] == timestamp.prefix(8), let code = Hex32(signature)?.bytes
        else { throw .malformed }
        accessKey = parts.dropLast(4).joined(separator: "/")
        region = String(parts[parts.count - 3])
        signedHeaders = signed.split(separator: ";").map(String.init)
        self.signature = code
    }

    private static func fields(of authorization: String) -> [String: String] {
        authorization.dropFirst(SignatureV4.algorithm.count).split(separator: ",").reduce(into: [:]) { fields, part in
            let halves = part.split(separator: "=", maxSplits: 1)
            guard halves.count == 2 else { return }
            fields[halves[0].trimmingCharacters(in: .whitespaces)] = halves[1].trimmingCharacters(in: .whitespaces)
        }
    }

    /// Makes sure that the holder of the secret has made the request, and that it is made in its time.
    ///
    /// `headers` are all of the request, by their names in small letters; `payload` is the SHA-256 of the body in
    /// hexadecimal, or the word that stands for it. The answer is what the chunks of its body are signed with, when they are.
    package func check(
        method: String,
        _ target: RequestTarget,
        headers: [String: String],
        payload: String,
        secret: String,
        at now: Date
    ) throws(SignatureFault) -> (signer: SignatureV4, seed: [UInt8]) {
        guard let time = Self.time(timestamp) else { throw .malformed }
        // What is not signed could have been added by anybody who has seen the request.
        let isComplete = headers.keys.allSatisfy { !$0.hasPrefix("x-amz-") || signedHeaders.contains($0) }
        guard signedHeaders.contains("host"), isComplete else { throw .unsignedHeaders }
        let signer = SignatureV4(secret: secret, timestamp: timestamp, region: region)
        var signedTarget = target
        signedTarget.query.removeAll { $0.name == "X-Amz-Signature" }
        let wanted = signer.signature(
            method: method,
            signedTarget,
            headers: signedHeaders.reduce(into: [:]) { $0[$1] = headers[$1] ?? "" },
            payload: payload
        )
        guard SignatureV4.areEqual(wanted, signature) else { throw .mismatch }
        let age = now.timeIntervalSince(time)
        if let lifetime {
            guard age >= -Self.skew else { throw .skewed }
            guard age <= TimeInterval(lifetime) else { throw .expired }
        } else {
            guard abs(age) <= Self.skew else { throw .skewed }
        }
        return (signer, signature)
    }

    private static func time(_ text: String) -> Date? {
        let style = Date.ISO8601FormatStyle(
            dateSeparator: .omitted,
            dateTimeSeparator: .standard,
            timeSeparator: .omitted
        )
        return text.utf8.count == 16 ? try? Date(text, strategy: style) : nil
    }
}

/// Why a signature proves nothing.
package enum SignatureFault: Error {
    /// Something of it is missing or can't be read.
    case malformed
    /// A header that S3 acts on is not among those that are signed.
    case unsignedHeaders
    case mismatch
    /// The clocks of the two sides are too far apart.
    case skewed
    /// The time of a presigned request is over.
    case expired
}
