import Foundation
import InvokeModel
import InvokeOutbound
import InvokeTesting
import InvokeTokens
import Testing

/// What a checker's word is worth (dep.md §14, kind c).
@Suite(.timeLimit(.minutes(5))) struct ExternalTokenTests {
    private static let secret = (0..<32).map { _ in UInt8.random(in: 0...255) }
    private let market: Market

    init() throws {
        market = try Market()
    }

    private func verifier(_ receiver: Receiver, patience: Duration = .seconds(30)) throws -> ExternalTokenVerifier {
        let outbound = try OutboundGuard(allowing: ["127.0.0.0/8"])
        return ExternalTokenVerifier(
            url: try outbound.check(receiver.url),
            secret: Self.secret,
            client: .forTests,
            outbound: outbound,
            patience: patience,
            now: { [market] in market.now },
            logger: .silent
        )
    }

    @Test func theCheckerIsAskedWithASignature() async throws {
        try await Receiver.answering(.answer(200, body: #"{"valid":true}"#)) { receiver in
            let verified = try await verifier(receiver).verify("voucher 1", for: market.use)
            #expect(verified.uses == nil && verified.expires == nil)
            let request = try #require(receiver.requests.first)
            #expect(request.line == "POST /hook HTTP/1.1")
            let use = market.use
            #expect(
                try JSON(parsing: request.body) == [
                    "token": "voucher 1", "asset": .string("did:dep:\(use.agent)/\(use.asset)"),
                    "operation": .string("did:dep:\(use.agent)/\(use.operation)"),
                    "consumer": .string(use.consumer.description), "job": .null,
                ]
            )
            let shown = "whsec_" + Data(Self.secret).base64EncodedString()
            #expect(StandardWebhooks.verify(request, secret: shown))
            #expect(
                !StandardWebhooks.verify(request, secret: "whsec_" + Data(Self.secret.reversed()).base64EncodedString())
            )
        }
    }

    @Test func aYesIsRememberedForAMinute() async throws {
        try await Receiver.answering(.answer(200, body: #"{"valid":true,"uses":2}"#)) { receiver in
            let verifier = try verifier(receiver)
            let first = try await verifier.verify("a", for: market.use)
            #expect(first.uses == 2)
            market.advance(by: 59)
            #expect(try await verifier.verify("a", for: market.use) == first)
            #expect(receiver.requests.count == 1)
            market.advance(by: 1)
            _ = try await verifier.verify("a", for: market.use)
            #expect(receiver.requests.count == 2)
            // Another token, or another use of the same, is another question.
            #expect(try await verifier.verify("b", for: market.use).identity != first.identity)
            let other = TokenUse(
                agent: market.use.agent,
                asset: .random(),
                operation: market.use.operation,
                consumer: market.use.consumer
            )
            _ = try await verifier.verify("a", for: other)
            #expect(receiver.requests.count == 4)
        }
    }

    @Test(arguments: ["1800000030", #""2027-01-15T08:00:30Z""#, #""2027-01-15T08:00:30.000Z""#])
    func aYesHoldsNoLongerThanItSays(expires: String) async throws {
        try await Receiver.answering(.answer(200, body: #"{"valid":true,"expires":\#(expires)}"#)) { receiver in
            let verifier = try verifier(receiver)
            let verified = try await verifier.verify("a", for: market.use)
            #expect(verified.expires == market.now.addingTimeInterval(30))
            market.advance(by: 30)
            #expect(await verifier.fault("a", for: market.use) == .invalid("has expired"))
            #expect(receiver.requests.count == 2)
        }
    }

    @Test func aNoIsNeverRemembered() async throws {
        let replies = (#"{"valid":false}"#, #"{"valid":true}"#)
        try await Receiver.answering(.answer(200, body: replies.0), .answer(200, body: replies.1)) { receiver in
            let verifier = try verifier(receiver)
            #expect(await verifier.fault("a", for: market.use)?.isInvalid == true)
            #expect(await verifier.fault("a", for: market.use) == nil)
        }
    }

    @Test func anythingElseDecidesNothing() async throws {
        let bodies = [
            "", "yes", "{}", #"{"valid":"true"}"#, #"{"valid":1}"#, #"{"valid":true,"uses":0}"#,
            #"{"valid":true,"uses":"1"}"#, #"{"valid":true,"expires":"soon"}"#, #"{"valid":true,"valid":true}"#,
            #"{"valid":true}"# + String(repeating: " ", count: 64 << 10),
        ]
        let replies: [Receiver.Reply] =
            bodies.map { .answer(200, body: $0) } + [
                .answer(201, body: #"{"valid":true}"#), .answer(404, body: #"{"valid":false}"#), .answer(500),
                .answer(307, headers: ["Location": "http://127.0.0.1:1/"]), .reset, .endless,
            ]
        for reply in replies {
            try await Receiver.answering(reply) { receiver in
                let verifier = try verifier(receiver)
                #expect(await verifier.fault("a", for: market.use)?.isUndecided == true, "\(reply)")
            }
        }
    }

    @Test func aCheckerThatIsSilentIsNotWaitedFor() async throws {
        try await Receiver.answering(.hang) { receiver in
            let verifier = try verifier(receiver, patience: .milliseconds(300))
            #expect(await verifier.fault("a", for: market.use)?.isUndecided == true)
        }
    }
}
