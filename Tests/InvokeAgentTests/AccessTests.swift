import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Who may use what, and what it takes to pay for it.
@Suite(.timeLimit(.minutes(5))) struct AccessTests {
    private func refusal(_ body: () async throws -> some Sendable) async throws -> Refusal? {
        do {
            _ = try await body()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    @Test func aPrivateAssetOfAnotherIsAnsweredLikeOneThatIsNotThere() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("cat", #"cat "$INVOKE_INPUT_TABLE""#)
        let hidden = try await test.keepPrivate("private", of: "other").description
        let unknown = test.agent.did(of: .random()).description
        var texts: [String] = []
        for did in [hidden, unknown] {
            let found = try await refusal { try await test.invoke(operation, ["table": ["did": .string(did)]]) }
            #expect(found?.code == .assetNotAccessible)
            #expect(found?.violations.map(\.pointer) == ["#/table/did"])
            texts.append(try #require(found).message.split(separator: did).joined(separator: "X"))
        }
        #expect(texts[0] == texts[1])
        let own = try await refusal {
            try await test.invoke(operation, ["table": ["did": .string(hidden)]], by: "other")
        }
        #expect(own == nil)
    }

    @Test(arguments: [
        "did:dep:" + String(repeating: "a", count: 65), "did:op:x", "nonsense",
        "did:dep:" + String(repeating: "a", count: 64) + "/" + String(repeating: "b", count: 64),
    ])
    func whatNamesNoAssetHereIsNotAccessible(did: String) async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("cat", #"cat "$INVOKE_INPUT_TABLE""#)
        let found = try await refusal { try await test.invoke(operation, ["table": ["did": .string(did)]]) }
        #expect(found?.code == .assetNotAccessible)
    }

    @Test func anAssetWithoutContentIsNotAccessible() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("cat", #"cat "$INVOKE_INPUT_TABLE""#)
        let id = try await test.agent.register(metadata: Array("{}".utf8), by: test.account("consumer")).id
        let found = try await refusal { try await test.invoke(operation, ["table": ["did": .string("\(id)")]]) }
        #expect(found?.code == .assetNotAccessible)
    }

    /// Buys something of `provider` for `consumer`.
    private func buy(_ asset: AssetID, on test: TestAgent) async throws -> Purchase {
        let offer = try #require(try await test.store.offers(of: asset).first)
        return try await test.agent.createPurchase(
            NewPurchase(id: .random(), listing: offer.id, info: [:], agreement: nil, status: .ordered, uses: nil),
            by: test.account("consumer")
        )
    }

    private func pay(_ purchase: Purchase, _ payment: Payment, on test: TestAgent) async throws {
        _ = try await test.agent.changePurchase(
            purchase.id.description,
            PurchaseChange(payment: payment),
            by: test.account("provider")
        )
    }

    @Test func anOperationWithAPriceRunsOnceForEachSettledPurchase() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("sell", "printf sold", ["price: {amount: '2', currency: OCEAN}"])
        let asset = try #require(AssetID(operation))
        let invoke = { (token: String?) in
            try await self.refusal { try await test.invoke(operation, token: token) }?.code
        }
        #expect(try await invoke(nil) == .notPaid)
        let purchase = try await buy(asset, on: test)
        #expect(try await invoke(nil) == .notPaid)
        #expect(try await invoke(purchase.id.description) == .notPaid)
        try await pay(purchase, .pending, on: test)
        #expect(try await invoke(purchase.id.description) == .notPaid)
        try await pay(purchase, .settled, on: test)
        #expect(try await invoke(purchase.id.description) == nil)
        #expect(try await invoke(purchase.id.description) == .notPaid)
        #expect(try await invoke(nil) == .notPaid)
    }

    @Test func aSettledPurchaseIsFoundWithoutItsToken() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("sell", "printf sold", ["price: {amount: '2', currency: OCEAN}"])
        try await pay(try await buy(try #require(AssetID(operation)), on: test), .settled, on: test)
        #expect(try await refusal { try await test.invoke(operation) } == nil)
    }

    @Test func aWrongTokenDoesNotFallBackToAGoodPurchase() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("sell", "printf sold", ["price: {amount: '2', currency: OCEAN}"])
        try await pay(try await buy(try #require(AssetID(operation)), on: test), .settled, on: test)
        for token in [Hex32.random().description, "nonsense", ""] {
            #expect(try await refusal { try await test.invoke(operation, token: token) }?.code == .notPaid)
        }
        #expect(try await refusal { try await test.invoke(operation) } == nil)
    }

    @Test func aRefundedPurchasePaysForNothing() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("sell", "printf sold", ["price: {amount: '2', currency: OCEAN}"])
        let purchase = try await buy(try #require(AssetID(operation)), on: test)
        try await pay(purchase, .settled, on: test)
        try await pay(purchase, .refunded, on: test)
        for token in [purchase.id.description, nil] {
            #expect(try await refusal { try await test.invoke(operation, token: token) }?.code == .notPaid)
        }
    }

    @Test func thePurchaseOfAnotherOrOfAnotherThingPaysForNothing() async throws {
        let test = try await TestAgent()
        let price = ["price: {amount: '2', currency: OCEAN}"]
        let operation = try await test.shell("sell", "printf sold", price)
        let elsewhere = try await test.shell("sell-more", "printf sold", price)
        let purchase = try await buy(try #require(AssetID(operation)), on: test)
        try await pay(purchase, .settled, on: test)
        let token = purchase.id.description
        let stranger = try await refusal { try await test.invoke(operation, by: "other", token: token) }
        let elsewhereRefusal = try await refusal { try await test.invoke(elsewhere, token: token) }
        #expect([stranger?.code, elsewhereRefusal?.code] == [.notPaid, .notPaid])
        #expect(try await refusal { try await test.invoke(operation, token: token) } == nil)
    }

    @Test func theProviderAndAdminsNeedNotPay() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("sell", "printf sold", ["price: {amount: '2', currency: OCEAN}"])
        for name in ["provider", "admin"] {
            #expect(try await refusal { try await test.invoke(operation, by: name) } == nil)
        }
    }

    @Test func onlyTheSellerSaysThatAPurchaseIsPaid() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("sell", "printf sold", ["price: {amount: '2', currency: OCEAN}"])
        let purchase = try await buy(try #require(AssetID(operation)), on: test)
        let found = try await refusal {
            try await test.agent.changePurchase(
                purchase.id.description,
                PurchaseChange(payment: .settled),
                by: test.account("consumer")
            )
        }
        #expect(found?.code == .forbidden)
        #expect(try await test.store.purchase(purchase.id)?.payment == Payment.none)
    }

    @Test func anInputAssetWithAPriceIsPaidForByTheTokenBesideIt() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("cat", #"cat "$INVOKE_INPUT_TABLE""#)
        let did = try await test.publish("for sale", by: "provider")
        _ = try await test.agent.createListing(
            NewListing(
                id: .random(),
                asset: try #require(did.asset),
                info: [:],
                agreement: ["price": "3", "currency": "OCEAN"],
                status: .published
            ),
            by: test.account("provider")
        )
        let purchase = try await buy(try #require(did.asset), on: test)
        let withToken: JSON = [
            "table": ["did": .string(did.description), "purchasetoken": .string(purchase.id.description)]
        ]
        let unpaid = try await refusal { try await test.invoke(operation, withToken) }
        #expect(unpaid?.code == .notPaid)
        #expect(unpaid?.violations.map(\.pointer) == ["#/table"])
        try await pay(purchase, .settled, on: test)
        let id = try await test.invoke(operation, withToken)
        // Secrets do not stay with the job.
        let inputs = try #require(try await test.store.job(id)).inputs
        #expect(inputs == #"{"word":"none","table":{"did":"\#(did)"}}"#)
        #expect(try await test.store.purchase(purchase.id)?.usesLeft == nil)
    }

    @Test func aJobExistsForItsOwnerItsProviderAndAdminsOnly() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("echo", "printf said")
        let id = try await test.invoke(operation).description
        for name in ["consumer", "provider", "admin"] {
            #expect(try await test.agent.job(id, for: test.account(name)).id.description == id)
        }
        let foreign = try await refusal { try await test.agent.job(id, for: test.account("other")) }
        let unknown = try await refusal { try await test.agent.job("12345", for: test.account("other")) }
        #expect(foreign?.code == .unknownJob && unknown?.code == .unknownJob)
        #expect(foreign?.message == unknown?.message.split(separator: "12345").joined(separator: id))
        for text in ["", "x", "-1", "12345678901234567890"] {
            let found = try await refusal { try await test.agent.job(text, for: test.account("admin")) }
            #expect(found?.code == .unknownJob)
        }
    }
}
