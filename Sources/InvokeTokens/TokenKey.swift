import Crypto
import Foundation
import InvokeModel

/// How purchase tokens may be signed; all others are refused.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    /// Ed25519 (RFC 8037).
    case edDSA = "EdDSA"
    /// ECDSA on P-256 with SHA-256 (RFC 7518, 3.4).
    case es256 = "ES256"
}

/// A public key that purchase tokens are checked with. It decides the algorithm, not the token.
enum TokenKey: Sendable {
    case ed25519(Curve25519.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)

    /// Reads a JSON Web Key (RFC 7517).
    /// - Returns: nil for a key of another kind, or for another purpose than signatures.
    init?(jwk: JSON) {
        guard jwk["use"].map({ $0 == "sig" }) ?? true, let x = jwk["x"]?.string.flatMap(Base64URL.bytes(of:)) else {
            return nil
        }
        switch (jwk["kty"], jwk["crv"]) {
        case ("OKP", "Ed25519"):
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else { return nil }
            self = .ed25519(key)
        case ("EC", "P-256"):
            guard let y = jwk["y"]?.string.flatMap(Base64URL.bytes(of:)), x.count == 32,
                let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
            else { return nil }
            self = .p256(key)
        default: return nil
        }
        guard jwk["alg"].map({ $0 == .string(algorithm.rawValue) }) ?? true else { return nil }
    }

    var algorithm: TokenAlgorithm {
        switch self {
        case .ed25519: .edDSA
        case .p256: .es256
        }
    }

    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch self {
        case .ed25519(let key): return key.isValidSignature(signature, for: message)
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: message)
        }
    }
}

/// The public keys of an issuer by their names: a JSON Web Key Set (RFC 7517, section 5).
struct KeySet: Sendable {
    private let keys: [String: TokenKey]

    /// The most bytes that are read.
    static let maximumBytes = 64 << 10

    /// Keys of other kinds, and keys without a name, may stand beside ours; they are left out.
    /// - Returns: nil for what is not a key set.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes, let listed = (try? JSON(parsing: bytes))?["keys"]?.array else {
            return nil
        }
        let named = listed.compactMap { jwk in
            jwk["kid"]?.string.flatMap { kid in TokenKey(jwk: jwk).map { (kid, $0) } }
        }
        // A name that two keys share names neither.
        keys = Dictionary(grouping: named, by: \.0).compactMapValues { $0.count == 1 ? $0[0].1 : nil }
    }

    subscript(kid: String) -> TokenKey? { keys[kid] }
}

/// base64url without padding (RFC 7515, 2).
enum Base64URL {
    static func text(of bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// - Returns: nil for other characters, padding included.
    static func bytes(of text: some StringProtocol) -> [UInt8]? {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
            default: false
            }
        }
        guard isPlain else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let standard = String(text).replacing("-", with: "+").replacing("_", with: "/") + padding
        return Data(base64Encoded: standard).map(Array.init)
    }
}
