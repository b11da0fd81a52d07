import Foundation
import InvokeModel
import JWTKit
import OrderedCollections

/// How purchase tokens may be signed; all others are refused.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    /// Ed25519 (RFC 8037).
    case edDSA = "EdDSA"
    /// ECDSA on P-256 with SHA-256 (RFC 7518, 3.4).
    case es256 = "ES256"
}

/// A JSON Web Key (RFC 7517) that purchase tokens are signed or checked with. It decides the algorithm, not the token.
struct TokenKey: Sendable {
    /// Its `kid`.
    let name: String
    let algorithm: TokenAlgorithm
    private let key: any JWTAlgorithm

    /// Reads a key with a name.
    /// - Returns: nil for a key of another kind, or for another purpose than signatures.
    init?(jwk: JSON) async {
        let algorithm: TokenAlgorithm
        switch (jwk["kty"], jwk["crv"]) {
        case ("OKP", "Ed25519"): algorithm = .edDSA
        case ("EC", "P-256"): algorithm = .es256
        default: return nil
        }
        guard jwk["use"].map({ $0 == "sig" }) ?? true,
            jwk["alg"].map({ $0 == .string(algorithm.rawValue) }) ?? true,
            var members = jwk.object, let name = jwk["kid"]?.string
        else { return nil }
        // What else may stand in a key means nothing here, and must not keep it from being read.
        members = members.filter { ["kty", "crv", "kid", "x", "y", "d"].contains($0.key) }
        members["alg"] = .string(algorithm.rawValue)
        guard let read = try? JSONDecoder().decode(JWK.self, from: Data(JSON.object(members).bytes())),
            let key = try? await JWTKeyCollection().add(jwk: read).getKey()
        else { return nil }
        self.name = name
        self.algorithm = algorithm
        self.key = key
    }

    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        (try? key.verify(signature, signs: message)) ?? false
    }

    /// - Throws: when the key is a public one.
    func signature(of message: [UInt8]) throws -> [UInt8] { try key.sign(message) }
}

/// The public keys of an issuer by their names: a JSON Web Key Set (RFC 7517, section 5).
struct KeySet: Sendable {
    private let keys: [String: TokenKey]

    /// The most bytes that are read.
    static let maximumBytes = 64 << 10

    /// Keys of other kinds, and keys without a name, may stand beside ours; they are left out.
    /// - Returns: nil for what is not a key set.
    init?(_ bytes: [UInt8]) async {
        guard bytes.count <= Self.maximumBytes, let listed = (try? JSON(parsing: bytes))?["keys"]?.array else {
            return nil
        }
        var keys: [TokenKey] = []
        for jwk in listed { if let key = await TokenKey(jwk: jwk) { keys.append(key) } }
        // A name that two keys share names neither.
        self.keys = Dictionary(grouping: keys, by: \.name).compactMapValues { $0.count == 1 ? $0[0] : nil }
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
