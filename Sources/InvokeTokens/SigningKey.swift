import Crypto
import Foundation
package import InvokeModel
import OrderedCollections

/// The private key of somebody who issues purchase tokens.
package struct SigningKey: Sendable {
    /// What tokens and the key set call it.
    package let name: String
    /// The whole key, as a JSON Web Key. Secret.
    package let privateJWK: JSON
    private let key: TokenKey

    /// Draws a key. Without a name it goes by its thumbprint (RFC 7638).
    package init(_ algorithm: TokenAlgorithm, name: String?) async throws {
        var members = Self.draw(algorithm)
        let secret = members.removeValue(forKey: "d")
        let thumbprint = SHA256.hash(data: JSON.object(members).bytes(sorted: true))
        members["kid"] = .string(name ?? Base64URL.text(of: thumbprint))
        members["alg"] = .string(algorithm.rawValue)
        members["use"] = "sig"
        members["d"] = secret
        guard let key = await SigningKey(jwk: .object(members)) else { throw CocoaError(.coderInvalidValue) }
        self = key
    }

    /// Reads a private JSON Web Key with a name.
    /// - Returns: nil for anything else.
    package init?(jwk: JSON) async {
        guard jwk["d"] != nil, let key = await TokenKey(jwk: jwk) else { return nil }
        name = key.name
        privateJWK = jwk
        self.key = key
    }

    /// For the issuer's key set.
    package var publicJWK: JSON { .object((privateJWK.object ?? [:]).filter { $0.key != "d" }) }

    /// A signed token that says this.
    package func sign(_ claims: PurchaseClaims) throws -> String {
        let header: JSON = ["alg": .string(key.algorithm.rawValue), "typ": "JWT", "kid": .string(name)]
        let signed = Base64URL.text(of: header.bytes()) + "." + Base64URL.text(of: claims.json.bytes())
        return signed + "." + Base64URL.text(of: try key.signature(of: Array(signed.utf8)))
    }

    /// A new key: the members that make it, `d` the secret one.
    private static func draw(_ algorithm: TokenAlgorithm) -> OrderedDictionary<String, JSON> {
        func text(_ bytes: some Sequence<UInt8>) -> JSON { .string(Base64URL.text(of: bytes)) }
        switch algorithm {
        case .edDSA:
            let key = Curve25519.Signing.PrivateKey()
            return [
                "kty": "OKP", "crv": "Ed25519", "x": text(key.publicKey.rawRepresentation),
                "d": text(key.rawRepresentation),
            ]
        case .es256:
            let key = P256.Signing.PrivateKey()
            let point = key.publicKey.rawRepresentation
            return [
                "kty": "EC", "crv": "P-256", "x": text(point.prefix(32)), "y": text(point.suffix(32)),
                "d": text(key.rawRepresentation),
            ]
        }
    }
}
