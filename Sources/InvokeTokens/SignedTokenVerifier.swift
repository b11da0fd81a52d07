import Crypto
package import Foundation
package import InvokeModel
package import InvokeOutbound
package import Logging

/// Decides about tokens that an issuer has signed: JSON Web Tokens (dep.md §14, kind b).
package struct SignedTokenVerifier: TokenVerifier {
    private struct Issuer {
        let keys: IssuerKeys
        let allowsBearers: Bool
    }

    private let issuers: [String: Issuer]
    private let now: @Sendable () -> Date

    /// How far an issuer's clock may be off.
    private static let skew: TimeInterval = 60
    private static let maximumBytes = 8 << 10

    /// `patience` is how long the keys of an issuer may take to come from a URL.
    package init(
        issuers: [TokenIssuer],
        client: OutboundClient,
        outbound: OutboundGuard,
        patience: Duration = .seconds(3),
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.now = now
        self.issuers = issuers.reduce(into: [:]) { issuers, issuer in
            let keys = IssuerKeys(
                of: issuer,
                client: client,
                outbound: outbound,
                patience: patience,
                now: now,
                logger: logger
            )
            issuers[issuer.name] = Issuer(keys: keys, allowsBearers: issuer.allowsBearers)
        }
    }

    /// Whether a token has the shape of a signed one.
    package static func hasShape(_ token: String) -> Bool {
        token.split(separator: ".", omittingEmptySubsequences: false).count == 3
    }

    package func verify(_ token: String, for use: TokenUse) async throws(TokenFault) -> VerifiedToken {
        guard token.utf8.count <= Self.maximumBytes else { throw .invalid("is longer than 8 KiB") }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.bytes(of: parts[2]) else { throw .invalid("is not a JWT") }
        let (header, payload) = (try Self.json(parts[0]), try Self.json(parts[1]))
        guard let name = payload["iss"]?.string, let issuer = issuers[name] else {
            throw .invalid("is of an issuer that this agent does not know")
        }
        guard let algorithm = header["alg"]?.string.flatMap(TokenAlgorithm.init(rawValue:)) else {
            throw .invalid("is not signed with EdDSA or ES256")
        }
        guard header["crit"] == nil else { throw .invalid("has a header `crit`, of which nothing is understood here") }
        guard let kid = header["kid"]?.string else { throw .invalid("has no header `kid`") }
        guard let key = try await issuer.keys.key(kid) else {
            throw .invalid("is signed with a key that its issuer lacks")
        }
        guard algorithm == key.algorithm, key.isSignature(signature, of: Array("\(parts[0]).\(parts[1])".utf8)) else {
            throw .invalid("has a signature that is wrong")
        }
        let claims = try PurchaseClaims(payload)
        try check(claims, for: use, allowsBearers: issuer.allowsBearers)
        let identity = SHA256.hash(data: Array("\(claims.issuer)\0\(claims.id)".utf8))
        return VerifiedToken(
            identity: Hex32(first32: identity),
            uses: claims.uses,
            expires: claims.expires.addingTimeInterval(Self.skew)
        )
    }

    private func check(_ claims: PurchaseClaims, for use: TokenUse, allowsBearers: Bool) throws(TokenFault) {
        let now = now()
        guard now < claims.expires.addingTimeInterval(Self.skew) else { throw .invalid("has expired") }
        guard claims.notBefore.map({ $0.addingTimeInterval(-Self.skew) <= now }) ?? true else {
            throw .invalid("is not valid yet")
        }
        guard claims.audience.contains(where: { DID($0) == DID(agent: use.agent) }) else {
            throw .invalid("is made out to another agent")
        }
        guard DID.localAsset(claims.asset, on: use.agent) == use.asset else {
            throw .invalid("pays for another asset")
        }
        guard let subject = claims.subject else {
            guard allowsBearers else { throw .invalid("has no claim `sub`, and its issuer may not issue such tokens") }
            return
        }
        guard AccountID(subject) == use.consumer || DID(subject) == DID(agent: use.consumer) else {
            throw .invalid("is made out to another account")
        }
    }

    private static func json(_ part: Substring) throws(TokenFault) -> JSON {
        guard let bytes = Base64URL.bytes(of: part), let json = try? JSON(parsing: bytes), json.object != nil else {
            throw .invalid("is not a JWT")
        }
        return json
    }
}
