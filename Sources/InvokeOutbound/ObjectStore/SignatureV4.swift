import Crypto
package import Foundation
import InvokeModel

/// Signatures of requests as S3 wants them (AWS Signature Version 4), for those who sign and for those who check.
package struct SignatureV4: Sendable {
    package static let algorithm = "AWS4-HMAC-SHA256"
    /// What stands for the hash of a body that is not signed.
    package static let unsigned = "UNSIGNED-PAYLOAD"

    /// `20130524T000000Z`.
    package let timestamp: String
    package let region: String
    private let key: SymmetricKey

    /// `timestamp` is as `timestamp(_:)` writes it.
    package init(secret: String, timestamp: String, region: String) {
        self.timestamp = timestamp
        self.region = region
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [String(timestamp.prefix(8)), region, "s3", "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        self.key = key
    }

    package var scope: String { "\(timestamp.prefix(8))/\(region)/s3/aws4_request" }

    /// The signature of a request.
    ///
    /// `headers` are those that are signed, by their names in small letters; `payload` is the SHA-256 of the body in
    /// hexadecimal, or a word that stands for it.
    package func signature(
        method: String,
        _ target: RequestTarget,
        headers: [String: String],
        payload: String
    ) -> [UInt8] {
        let names = headers.keys.sorted()
        let query = target.query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }
        let canonical =
            [method, PercentEncoding.encode(target.path, keeping: UInt8(ascii: "/"))]
            + [query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")]
            + names.map { "\($0):\(Self.trimmed(headers[$0] ?? ""))" }
            + ["", names.joined(separator: ";"), payload]
        let text = [Self.algorithm, timestamp, scope, Self.sha256(canonical.joined(separator: "\n"))]
        return sign(text.joined(separator: "\n"))
    }

    /// The signature of one chunk of a body, or of what trails it, which continues that of the one before.
    package func signature(
        of part: StreamedPart,
        sha256 digest: String,
        after previous: [UInt8]
    ) -> [UInt8] {
        var lines = ["\(Self.algorithm)-\(part.rawValue)", timestamp, scope, previous.hexadecimal]
        if part == .chunk { lines.append(Self.sha256("")) }
        return sign((lines + [digest]).joined(separator: "\n"))
    }

    package enum StreamedPart: String, Sendable {
        case chunk = "PAYLOAD"
        case trailer = "TRAILER"
    }

    private func sign(_ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    package static func sha256(_ text: String) -> String { SHA256.hash(data: Array(text.utf8)).hexadecimal }

    /// Without spaces around it, and with one where there are several.
    private static func trimmed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }

    package static func timestamp(_ time: Date) -> String {
        time.formatted(
            Date.ISO8601FormatStyle(dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted)
        )
    }

    /// Whether two signatures are the same; the time it takes does not tell how much of them is.
    package static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
