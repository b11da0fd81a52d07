import Crypto
import Foundation
import InvokeModel
import InvokeOutbound
import InvokeTesting
import InvokeTokens
import Testing

/// Where the keys of an issuer come from, and how they change.
@Suite(.timeLimit(.minutes(5))) struct IssuerKeysTests {
    private let market: Market
    private let second = Market.Signer.ed25519(Curve25519.Signing.PrivateKey())

    init() throws {
        market = try Market()
    }

    private var both: String { Market.keySet(["ed": market.ed25519, "second": second]) }
    private var first: String { Market.keySet(["ed": market.ed25519]) }

    private func tokenOfSecond() throws -> String {
        try market.token(by: second, header: ["alg": "EdDSA", "kid": "second"])
    }

    private func verifier(_ receiver: Receiver) throws -> SignedTokenVerifier {
        let outbound = try OutboundGuard(allowing: ["127.0.0.0/8"])
        return try market.verifier(keys: .url(outbound.check(receiver.url)), outbound: outbound)
    }

    @Test func aKeyInTheFileCountsAtOnceAndOneTakenOutNoMore() async throws {
        let verifier = try market.verifier()
        #expect(try await verifier.fault(tokenOfSecond(), for: market.use)?.isInvalid == true)
        try market.publish(both)
        #expect(try await verifier.fault(tokenOfSecond(), for: market.use) == nil)
        try market.publish(Market.keySet(["second": second]))
        #expect(try await verifier.fault(market.token(), for: market.use)?.isInvalid == true)
    }

    @Test(arguments: ["not JSON", "{}", "[]", nil])
    func aFileThatHoldsNoKeysDecidesNothing(content: String?) async throws {
        if let content {
            try market.publish(content)
        } else {
            try FileManager.default.removeItem(atPath: market.file)
        }
        #expect(try await market.verifier().fault(market.token(), for: market.use)?.isUndecided == true)
    }

    @Test func aNameOfTwoKeysNamesNone() async throws {
        try market.publish(Market.keySet(["ed": market.ed25519, "ed": second]))
        #expect(try await market.verifier().fault(market.token(), for: market.use)?.isInvalid == true)
    }

    @Test func theKeysOfAURLAreFetchedOnceForAllAndAgainAfterAnHour() async throws {
        try await Receiver.answering(.answer(200, body: first)) { receiver in
            let verifier = try verifier(receiver)
            let token = try market.token(market.claims(["exp": market.seconds(10_000)]))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { [market] in
                        let fault = await verifier.fault(token, for: market.use)
                        #expect(fault == nil)
                    }
                }
            }
            #expect(receiver.requests.count == 1)
            #expect(receiver.requests.first?.line.hasPrefix("GET /hook ") == true)
            market.advance(by: 3599)
            #expect(await verifier.fault(token, for: market.use) == nil)
            #expect(receiver.requests.count == 1)
            market.advance(by: 1)
            #expect(await verifier.fault(token, for: market.use) == nil)
            #expect(receiver.requests.count == 2)
        }
    }

    @Test func aKeyThatIsNotKnownIsLookedForButNotAgainAndAgain() async throws {
        try await Receiver.answering(.answer(200, body: first), .answer(200, body: both)) { receiver in
            let verifier = try verifier(receiver)
            #expect(try await verifier.fault(market.token(), for: market.use) == nil)
            for _ in 0..<5 {
                #expect(try await verifier.fault(tokenOfSecond(), for: market.use)?.isInvalid == true)
            }
            #expect(receiver.requests.count == 1)
            market.advance(by: 10)
            #expect(try await verifier.fault(tokenOfSecond(), for: market.use) == nil)
            #expect(receiver.requests.count == 2)
        }
    }

    @Test func keysThatCannotBeFetchedDecideNothing() async throws {
        let replies: [Receiver.Reply] = [
            .answer(500), .answer(200, body: "no keys"), .answer(302, headers: ["Location": "http://127.0.0.1:1/"]),
            .reset, .endless, .answer(404, body: first),
        ]
        for reply in replies {
            try await Receiver.answering(reply) { receiver in
                let verifier = try verifier(receiver)
                #expect(try await verifier.fault(market.token(), for: market.use)?.isUndecided == true)
                #expect(receiver.requests.count == 1)
            }
        }
    }

    @Test func keysOfMoreThanAnHourAgoDecideNothing() async throws {
        try await Receiver.answering(.answer(200, body: first), .answer(503), .answer(200, body: first)) { receiver in
            let verifier = try verifier(receiver)
            let token = try market.token(market.claims(["exp": market.seconds(10_000)]))
            #expect(await verifier.fault(token, for: market.use) == nil)
            market.advance(by: 3600)
            #expect(await verifier.fault(token, for: market.use)?.isUndecided == true)
            market.advance(by: 10)
            #expect(await verifier.fault(token, for: market.use) == nil)
        }
    }

    @Test func aNewKeyIsUndecidedWhileItsIssuerIsAway() async throws {
        try await Receiver.answering(.answer(200, body: first), .answer(503)) { receiver in
            let verifier = try verifier(receiver)
            #expect(try await verifier.fault(market.token(), for: market.use) == nil)
            market.advance(by: 10)
            #expect(try await verifier.fault(tokenOfSecond(), for: market.use)?.isUndecided == true)
            // What is known still counts.
            #expect(try await verifier.fault(market.token(), for: market.use) == nil)
        }
    }

    @Test func aNameThatLeadsInsideIsNotAsked() async throws {
        let outbound = try OutboundGuard(allowing: []) { _ in [try #require(IPAddress("127.0.0.1"))] }
        let url = try outbound.check("https://market.example/keys.json")
        let verifier = try market.verifier(keys: .url(url), outbound: outbound)
        #expect(try await verifier.fault(market.token(), for: market.use)?.isUndecided == true)
    }
}
