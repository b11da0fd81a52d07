import Crypto
import Foundation
package import InvokeModel
import OrderedCollections

/// The private key of somebody who issues purchase tokens.
package struct SigningKey: Sendable {
    private enum Key {
        case ed25519(Curve25519.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)

        var algorithm: TokenAlgorithm {
            switch self {
            case .ed25519: .edDSA
            case .p256: .es256
            }
        }

        /// What the key is, and nothing else: the members of its thumbprint.
        var publicMembers: OrderedDictionary<String, JSON> {
            switch self {
            case .ed25519(let key):
                let x = key.publicKey.rawRepresentation
                return ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.text(of: x))]
            case .p256(let key):
                let point = key.publicKey.rawRepresentation
                let (x, y) = (Base64URL.text(of: point.prefix(32)), Base64URL.text(of: point.suffix(32)))
                return ["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y)]
            }
        }

        var secret: Data {
            switch self {
            case .ed25519(let key): key.rawRepresentation
            case .p256(let key): key.rawRepresentation
            }
        }

        func signature(of message: [UInt8]) throws -> Data {
            switch self {
            case .ed25519(let key): try key.signature(for: message)
            case .p256(let key): try key.signature(for: message).rawRepresentation
            }
        }
    }

    /// What tokens and the key set call it.
    package let name: String
    private let key: Key

    /// Draws a key. Without a name it goes by its thumbprint (RFC 7638).
    package init(_ algorithm: TokenAlgorithm, name: String?) {
        key =
            switch algorithm {
            case .edDSA: .ed25519(Curve25519.Signing.PrivateKey())
            case .es256: .p256(P256.Signing.PrivateKey())
            }
        let thumbprint = SHA256.hash(data: JSON.object(key.publicMembers).bytes(sorted: true))
        self.name = name ?? Base64URL.text(of: thumbprint)
    }

    /// Reads a private JSON Web Key with a name.
    /// - Returns: nil for anything else.
    package init?(jwk bytes: [UInt8]) {
        guard let jwk = try? JSON(parsing: bytes), let name = jwk["kid"]?.string,
            let secret = jwk["d"]?.string.flatMap(Base64URL.bytes(of:))
        else { return nil }
        self.name = name
        switch (jwk["kty"], jwk["crv"]) {
        case ("OKP", "Ed25519"):
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret) else { return nil }
            self.key = .ed25519(key)
        case ("EC", "P-256"):
            guard let key = try? P256.Signing.PrivateKey(rawRepresentation: secret) else { return nil }
            self.key = .p256(key)
        default: return nil
        }
    }

    /// For the issuer's key set.
    package var publicJWK: JSON { .object(publicMembers) }

    /// Secret.
    package var privateJWK: JSON {
        var members = publicMembers
        members["d"] = .string(Base64URL.text(of: key.secret))
        return .object(members)
    }

    /// A signed token that says this.
    package func sign(_ claims: PurchaseClaims) throws -> String {
        let header: JSON = ["alg": .string(key.algorithm.rawValue), "typ": "JWT", "kid": .string(name)]
        let signed = Base64URL.text(of: header.bytes()) + "." + Base64URL.text(of: claims.json.bytes())
        return signed + "." + Base64URL.text(of: try key.signature(of: Array(signed.utf8)))
    }

    private var publicMembers: OrderedDictionary<String, JSON> {
        var members = key.publicMembers
        members["kid"] = .string(name)
        members["alg"] = .string(key.algorithm.rawValue)
        members["use"] = "sig"
        return members
    }
}
