import InvokeModel
import InvokeStore
import Testing

/// A use of a purchase and the job it pays for are one commit.
@Suite(.timeLimit(.minutes(5))) struct PurchaseUseTests {
    /// Schedules a job with a purchase; nil when it is refused as not paid.
    private func schedule(_ bench: Bench, _ purchase: Purchase) async throws -> JobID? {
        do {
            return try await bench.store.schedule(bench.job(of: bench.bob, payments: [.purchase(purchase.rowID)])).job
        } catch let refusal as Refusal where refusal.code == .notPaid {
            return nil
        }
    }

    @Test func oneUseThatFiftySpendAtOnceAdmitsOneJob() async throws {
        let bench = try await Bench()
        let purchase = try await bench.purchase(uses: 1)
        let admitted = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 0..<50 { group.addTask { try await self.schedule(bench, purchase) } }
            return try await group.reduce(into: [JobID]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(admitted.count == 1)
        #expect(try bench.count("jobs") == 1)
        #expect(try bench.count("purchase_uses") == 1)
        #expect(try await bench.store.purchase(purchase.id)?.usesLeft == 0)
    }

    @Test func aJobThatFailsGivesItsUseBack() async throws {
        let bench = try await Bench()
        let purchase = try await bench.purchase(uses: 1)
        #expect(try await schedule(bench, purchase) != nil)
        let box = try #require(try await bench.claim())
        try await bench.end(box, as: .failed(JobFailure(.operationFailed, "no")))
        #expect(try await bench.store.purchase(purchase.id)?.usesLeft == 1)
        #expect(try await schedule(bench, purchase) != nil)
        #expect(try await schedule(bench, purchase) == nil)
    }

    @Test func aJobThatSucceedsKeepsItsUse() async throws {
        let bench = try await Bench()
        let purchase = try await bench.purchase(uses: 1)
        _ = try await schedule(bench, purchase)
        let box = try #require(try await bench.claim())
        try await bench.end(box, as: .succeeded(result: [:], assets: []))
        #expect(try await bench.store.purchase(purchase.id)?.usesLeft == 0)
        #expect(try await schedule(bench, purchase) == nil)
    }

    @Test func aCancelledJobGivesItsUseBackOnce() async throws {
        let bench = try await Bench()
        let purchase = try await bench.purchase(uses: 2)
        let id = try #require(try await schedule(bench, purchase))
        for _ in 0..<2 { #expect(try await bench.store.cancel(id) == .cancelled) }
        #expect(try await bench.store.purchase(purchase.id)?.usesLeft == 2)
    }

    @Test func aRefundedPurchasePaysForNothing() async throws {
        let bench = try await Bench()
        let purchase = try await bench.purchase(uses: nil)
        #expect(try await schedule(bench, purchase) != nil)
        _ = try await bench.store.changePurchase(purchase.id, PurchaseChange(payment: .refunded))
        #expect(try await schedule(bench, purchase) == nil)
        #expect(try bench.count("jobs") == 1)
    }
}
