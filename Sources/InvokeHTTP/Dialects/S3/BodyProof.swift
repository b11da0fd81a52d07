import InvokeModel
import InvokeOutbound

/// How the body of a signed request is proven (`x-amz-content-sha256`).
enum BodyProof: Sendable {
    /// Not at all.
    case none
    /// By its SHA-256, in hexadecimal.
    case hash([UInt8])
    /// In S3's own chunks.
    case chunks(StreamedBodyDecoder.Proof, hasTrailer: Bool)

    /// - Returns: nil for a word that S3 does not have.
    init?(_ payload: String, _ signer: SignatureV4, seed: [UInt8]) {
        switch payload {
        case SignatureV4.unsigned: self = .none
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .chunks(.none, hasTrailer: true)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .chunks(.signed(signer, seed: seed), hasTrailer: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
            self = .chunks(.signed(signer, seed: seed), hasTrailer: true)
        default:
            guard let hash = Hex32(payload)?.bytes else { return nil }
            self = .hash(hash)
        }
    }
}
