import Crypto
import Foundation
import InvokeModel
import InvokeTokens
import Testing

/// Which signed tokens pay (dep.md §14, kind b).
@Suite(.timeLimit(.minutes(5))) struct SignedTokenTests {
    private let market: Market
    private let verifier: SignedTokenVerifier

    init() throws {
        market = try Market()
        verifier = try market.verifier()
    }

    private func reason(_ token: String) async -> TokenFault? { await verifier.fault(token, for: market.use) }

    @Test func aTokenOfEitherAlgorithmPays() async throws {
        for signer in [market.ed25519, market.p256] {
            let token = try market.token(market.claims(["uses": 3]), by: signer)
            let verified = try await verifier.verify(token, for: market.use)
            #expect(verified.uses == 3)
            // The issuer's clock may be a minute slow.
            #expect(verified.expires == market.now.addingTimeInterval(120))
        }
    }

    @Test func aTokenIsWhatItsIssuerCallsIt() async throws {
        func identity(_ changes: KeyValuePairs<String, JSON?>) async throws -> Hex32 {
            try await verifier.verify(market.token(market.claims(changes)), for: market.use).identity
        }
        let first = try await identity([:])
        #expect(try await identity(["exp": market.seconds(50)]) == first)
        #expect(try await identity(["jti": "token 2"]) != first)
        let expected = SHA256.hash(data: Data("\(Market.name)\0token 1".utf8))
        #expect(first.bytes == Array(expected))
    }

    @Test func everyFormOfTheClaimsIsTaken() async throws {
        let use = market.use
        let good: [KeyValuePairs<String, JSON?>] = [
            ["asset": .string(use.asset.description)],
            ["asset": .string("0x" + use.asset.description.uppercased())],
            ["aud": ["https://elsewhere.example", .string("did:op:\(use.agent)")]],
            ["sub": .string("did:dep:\(use.consumer)")],
            ["nbf": market.seconds(59)],
            ["exp": market.seconds(-59)],
            ["exp": .number(JSONNumber(validText: "1800000060.5"))],
        ]
        for changes in good {
            let fault = await reason(try market.token(market.claims(changes)))
            #expect(fault == nil, "\(changes)")
        }
    }

    @Test func aClaimThatIsWrongIsRefusedByName() async throws {
        let other = Hex32.random()
        let wrong: [(KeyValuePairs<String, JSON?>, String)] = [
            (["exp": market.seconds(-60)], "has expired"),
            (["nbf": market.seconds(61)], "is not valid yet"),
            (["aud": .string("did:dep:\(other)")], "is made out to another agent"),
            (["aud": []], "is made out to another agent"),
            (["asset": .string("did:dep:\(market.use.agent)/\(other)")], "pays for another asset"),
            (["asset": .string("did:dep:\(other)/\(market.use.asset)")], "pays for another asset"),
            (["sub": .string(other.description)], "is made out to another account"),
            (["sub": nil], "has no claim `sub`, and its issuer may not issue such tokens"),
            (["sub": .null], "has a claim `sub` that is not text"),
            (["iss": "https://other.example"], "is of an issuer that this agent does not know"),
            (["iss": nil], "is of an issuer that this agent does not know"),
            (["aud": nil], "has no claim `aud`"),
            (["asset": nil], "has no claim `asset`"),
            (["purchase": nil], "has no claim `purchase`"),
            (["jti": nil], "has no claim `jti`"),
            (["jti": 7], "has a claim `jti` that is not text"),
            (["exp": nil], "has no claim `exp`"),
            (["exp": "tomorrow"], "has a claim `exp` that is not a number of seconds"),
            (["exp": .number(JSONNumber(validText: "1e400"))], "has a claim `exp` that is not a number of seconds"),
            (["uses": 0], "has a claim `uses` that is not a whole number from 1"),
            (["uses": .null], "has a claim `uses` that is not a whole number from 1"),
        ]
        for (changes, expected) in wrong {
            let fault = await reason(try market.token(market.claims(changes)))
            #expect(fault == .invalid(expected), "\(changes)")
        }
    }

    @Test func theKeyDecidesHowATokenIsSigned() async throws {
        let claims = market.claims()
        let (edKey, esKey) = (market.ed25519.bytes, market.p256.bytes)
        func forged(_ algorithm: JSON, _ kid: JSON, secret: [UInt8]) -> String {
            Market.token(["alg": algorithm, "kid": kid], claims) { message in
                Data(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
            }
        }
        let unsigned = "is not signed with EdDSA or ES256"
        let tokens = [
            (Market.token(["alg": "none", "kid": "ed"], claims) { _ in Data() }, unsigned),
            (Market.token(["kid": "ed"], claims) { _ in Data() }, unsigned),
            (forged("HS256", "ed", secret: edKey), unsigned),
            (forged("HS256", "es", secret: esKey), unsigned),
            (forged("RS256", "rsa", secret: [1, 0, 1]), unsigned),
            (forged("EdDSA", "ed", secret: edKey), "has a signature that is wrong"),
            (Market.token(["alg": "EdDSA", "kid": "ed"], claims) { _ in Data() }, "has a signature that is wrong"),
            // Each is a true signature of the key that is named, under the other's algorithm.
            (
                try market.token(by: market.p256, header: ["alg": "EdDSA", "kid": "es"]),
                "has a signature that is wrong"
            ),
            (
                try market.token(by: market.ed25519, header: ["alg": "ES256", "kid": "ed"]),
                "has a signature that is wrong"
            ),
            (
                try market.token(by: market.ed25519, header: ["alg": "EdDSA", "kid": "es"]),
                "has a signature that is wrong"
            ),
            (
                try market.token(header: ["alg": "EdDSA", "kid": "other"]),
                "is signed with a key that its issuer lacks"
            ),
            (try market.token(header: ["alg": "EdDSA", "kid": "rsa"]), "is signed with a key that its issuer lacks"),
            (try market.token(header: ["alg": "EdDSA"]), "has no header `kid`"),
            (
                try market.token(header: ["alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": false]),
                "has a header `crit`, of which nothing is understood here"
            ),
        ]
        for (token, expected) in tokens {
            let fault = await reason(token)
            #expect(fault == .invalid(expected))
        }
    }

    @Test func aChangedCharacterSpoilsAToken() async throws {
        for signer in [market.ed25519, market.p256] {
            let token = Array(try market.token(by: signer).utf8)
            // The last characters of a part may hold bits that stand for nothing.
            for index in stride(from: 0, to: token.count - 2, by: 7) where !token[index...].prefix(3).contains(0x2E) {
                var changed = token
                changed[index] = token[index] == 0x41 ? 0x42 : 0x41
                let fault = await reason(String(decoding: changed, as: UTF8.self))
                #expect(fault?.isInvalid == true, "character \(index)")
            }
        }
    }

    @Test(arguments: ["a.b.c", "..", "e30.e30.", "e30.e30.e30", "a.b", "e30=.e30.", "e30. .", "é.é.é"])
    func whatIsNoTokenIsRefused(text: String) async throws {
        #expect(await reason(text)?.isInvalid == true)
    }

    @Test func aTokenOfManyBytesIsNotRead() async throws {
        let token = try market.token(market.claims(["note": .string(String(repeating: "x", count: 9000))]))
        #expect(await reason(token) == .invalid("is longer than 8 KiB"))
    }

    @Test func anIssuerMayBeAllowedTokensForWhoeverBearsThem() async throws {
        let lenient = try market.verifier(bearers: true)
        let bearer = try market.token(market.claims(["sub": nil]))
        #expect(await lenient.fault(bearer, for: market.use) == nil)
        let named = try market.token(market.claims(["sub": .string(Hex32.random().description)]))
        #expect(await lenient.fault(named, for: market.use) == .invalid("is made out to another account"))
    }

    @Test(arguments: TokenAlgorithm.allCases) func aKeyThatWasWrittenAndReadSigns(algorithm: TokenAlgorithm)
        async throws
    {
        let drawn = try await SigningKey(algorithm, name: nil)
        let key = try #require(await SigningKey(jwk: drawn.privateJWK))
        let keySet: JSON = ["keys": [key.publicJWK]]
        try market.publish(keySet.text)
        #expect(key.publicJWK["d"] == nil)
        let claims = PurchaseClaims(
            issuer: Market.name,
            audience: DID(agent: market.use.agent),
            subject: market.use.consumer,
            asset: DID(agent: market.use.agent, asset: market.use.asset),
            purchase: "order 1",
            expires: market.now.addingTimeInterval(60),
            uses: 1
        )
        let verified = try await verifier.verify(key.sign(claims), for: market.use)
        #expect(verified.uses == 1)
    }
}
