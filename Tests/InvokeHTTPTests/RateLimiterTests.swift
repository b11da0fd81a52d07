import InvokeModel
import NIOCore
import Synchronization
import Testing

@testable import InvokeHTTP

/// Reliability promise B4, on a clock that the test turns.
@Suite struct RateLimiterTests {
    private final class Clock: Sendable {
        private let time = Mutex(NIODeadline.uptimeNanoseconds(1_000_000_000_000))

        func now() -> NIODeadline { time.withLock { $0 } }

        func pass(_ amount: TimeAmount) { time.withLock { $0 = $0 + amount } }
    }

    private let clock = Clock()
    private let limiter: RateLimiter

    init() { limiter = RateLimiter(rate: 10, now: clock.now) }

    @Test func fiveSecondsWorthMayComeAtOnceAndNotOneMore() throws {
        for left in (0..<50).reversed() { #expect(try limiter.take(1).remaining == left) }
        #expect(throws: Refusal.self) { try limiter.take(1) }
    }

    @Test func aRefusedRequestCostsNothing() throws {
        for _ in 0..<50 { _ = try limiter.take(1) }
        for _ in 0..<1000 { #expect(throws: Refusal.self) { try limiter.take(1) } }
        clock.pass(.milliseconds(100))
        #expect(try limiter.take(1).remaining == 0)
        #expect(throws: Refusal.self) { try limiter.take(1) }
    }

    @Test func anAccountPaysForNoOther() throws {
        for _ in 0..<50 { _ = try limiter.take(1) }
        #expect(try limiter.take(2).remaining == 49)
    }

    @Test func theTimeToldIsTheTimeUntilAllIsThereAgain() throws {
        #expect(try limiter.take(1).seconds == 1)
        for _ in 1..<50 { _ = try limiter.take(1) }
        let refusal = #expect(throws: Refusal.self) { try limiter.take(1) }
        #expect(refusal?.code == .rateLimited)
        let seconds = try #require(refusal?.retryAfter)
        #expect(seconds == 5)
        clock.pass(.seconds(Int64(seconds)))
        #expect(try limiter.take(1).remaining == 49)
    }

    @Test func aBucketNeverHoldsMoreThanItsQuota() throws {
        clock.pass(.hours(24))
        #expect(try limiter.take(1).remaining == 49)
    }

    @Test func manyAccountsAtOnceAreCountedEachByItself() async throws {
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                for account in Int64(1)...2 {
                    group.addTask { [limiter] in (try? limiter.take(account)) != nil }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 100)
    }
}
