package import Foundation
package import InvokeModel
import OrderedCollections

/// What a signed purchase token says (dep.md §14, kind b).
package struct PurchaseClaims: Sendable {
    package let issuer: String
    /// The agents that it is made out to, as DIDs.
    package let audience: [String]
    /// The account that may use it; nil for whoever bears it.
    package let subject: String?
    /// The id or the DID of what it pays for.
    package let asset: String
    /// The issuer's own name for the purchase.
    package let purchase: String
    /// What tells the issuer's tokens apart.
    package let id: String
    package let expires: Date
    package let notBefore: Date?
    /// Jobs that it pays for; nil for any number until it expires.
    package let uses: Int?

    package init(
        issuer: String,
        audience: DID,
        subject: AccountID?,
        asset: DID,
        purchase: String,
        expires: Date,
        uses: Int?
    ) {
        self.issuer = issuer
        self.audience = [audience.description]
        self.subject = subject?.description
        self.asset = asset.description
        self.purchase = purchase
        self.uses = uses
        self.expires = expires
        id = Hex32.random().description
        notBefore = nil
    }

    /// - Throws: `TokenFault.invalid` naming the first claim that is missing or malformed.
    init(_ payload: JSON) throws(TokenFault) {
        issuer = try Self.text(payload, "iss")
        asset = try Self.text(payload, "asset")
        purchase = try Self.text(payload, "purchase")
        id = try Self.text(payload, "jti")
        subject = payload["sub"] == nil ? nil : try Self.text(payload, "sub")
        if let listed = payload["aud"]?.array {
            audience = listed.compactMap(\.string)
        } else {
            audience = [try Self.text(payload, "aud")]
        }
        guard let expires = try Self.date(payload, "exp") else { throw .invalid("has no claim `exp`") }
        self.expires = expires
        notBefore = try Self.date(payload, "nbf")
        uses = payload["uses"]?.int
        guard payload["uses"] == nil || uses ?? 0 >= 1 else {
            throw .invalid("has a claim `uses` that is not a whole number from 1")
        }
    }

    /// The payload of the token.
    package var json: JSON {
        var claims: OrderedDictionary<String, JSON> = [
            "iss": .string(issuer), "aud": .array(audience.map(JSON.string)), "asset": .string(asset),
            "purchase": .string(purchase), "jti": .string(id), "exp": .number(Self.seconds(expires)),
        ]
        claims["sub"] = subject.map(JSON.string)
        claims["nbf"] = notBefore.map { .number(Self.seconds($0)) }
        claims["uses"] = uses.map { .number(JSONNumber($0)) }
        return .object(claims)
    }

    private static func seconds(_ date: Date) -> JSONNumber { JSONNumber(Int(date.timeIntervalSince1970)) }

    private static func text(_ payload: JSON, _ name: String) throws(TokenFault) -> String {
        guard let value = payload[name] else { throw .invalid("has no claim `\(name)`") }
        guard let text = value.string, !text.isEmpty else { throw .invalid("has a claim `\(name)` that is not text") }
        return text
    }

    private static func date(_ payload: JSON, _ name: String) throws(TokenFault) -> Date? {
        guard let value = payload[name] else { return nil }
        // Up to the year 9999.
        guard let seconds = value.number?.double, (0...253_402_300_799).contains(seconds) else {
            throw .invalid("has a claim `\(name)` that is not a number of seconds")
        }
        return Date(timeIntervalSince1970: seconds)
    }
}
