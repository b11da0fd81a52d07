import Foundation
import InvokeModel
import InvokeStore
import Testing

/// A use of a purchase token and the job it pays for are one commit (promise I4).
@Suite(.timeLimit(.minutes(5))) struct TokenUseTests {
    private let bench: Bench

    init() async throws {
        bench = try await Bench()
    }

    private func token(uses: Int? = 1, for seconds: TimeInterval? = 600) -> VerifiedToken {
        let expires = seconds.map { bench.store.now.addingTimeInterval($0) }
        return VerifiedToken(identity: .random(), uses: uses, expires: expires)
    }

    /// Schedules a job with tokens; nil when it is refused as not paid.
    private func schedule(_ tokens: VerifiedToken...) async throws -> JobID? {
        do {
            return try await bench.store.schedule(bench.job(of: bench.bob, payments: tokens.map(JobPayment.token))).job
        } catch let refusal as Refusal where refusal.code == .notPaid {
            return nil
        }
    }

    @Test func oneUseThatFiftySpendAtOnceAdmitsOneJob() async throws {
        let token = token()
        let admitted = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 0..<50 { group.addTask { try await self.schedule(token) } }
            return try await group.reduce(into: [JobID]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(admitted.count == 1)
        #expect(try bench.count("jobs") == 1)
        #expect(try bench.count("purchase_token_uses") == 1)
    }

    @Test func aJobThatFailsOrIsCancelledGivesItsUseBack() async throws {
        let token = token()
        #expect(try await schedule(token) != nil)
        let box = try #require(try await bench.claim())
        try await bench.end(box, as: .failed(JobFailure(.operationFailed, "no")))
        let second = try #require(try await schedule(token))
        for _ in 0..<2 { #expect(try await bench.store.cancel(second) == .cancelled) }
        #expect(try await schedule(token) != nil)
        #expect(try await schedule(token) == nil)
    }

    @Test func aJobThatSucceedsKeepsItsUse() async throws {
        let token = token(uses: 2)
        _ = try await schedule(token)
        let box = try #require(try await bench.claim())
        try await bench.end(box, as: .succeeded(result: [:], assets: []))
        #expect(try await schedule(token) != nil)
        #expect(try await schedule(token) == nil)
    }

    @Test func aTokenForAnyNumberIsNotCounted() async throws {
        let token = token(uses: nil, for: nil)
        for _ in 0..<3 { #expect(try await schedule(token) != nil) }
        #expect(try bench.count("purchase_tokens") == 0)
        #expect(try bench.count("purchase_token_uses") == 3)
    }

    @Test func aTokenThatPaysTwiceForOneJobIsUsedOnce() async throws {
        let token = token(uses: 2)
        let other = VerifiedToken(identity: token.identity, uses: 2, expires: nil)
        #expect(try await schedule(token, other) != nil)
        #expect(try await schedule(token) != nil)
        #expect(try await schedule(token) == nil)
    }

    @Test func aJobThatIsNotPaidWholeSpendsNothing() async throws {
        let (good, spent) = (token(), token())
        #expect(try await schedule(spent) != nil)
        #expect(try await schedule(good, spent) == nil)
        #expect(try await schedule(good) != nil)
    }

    @Test func theCountOfATokenIsKeptUntilItExpires() async throws {
        let (brief, long, endless) = (token(for: 60), token(for: 120), token(for: nil))
        for token in [brief, long, endless] { #expect(try await schedule(token) != nil) }
        bench.advance(by: 60)
        #expect(try await bench.store.forgetExpiredTokens() == false)
        #expect(try bench.count("purchase_tokens") == 2)
        // Nobody uses it anew, though its count is gone.
        for token in [brief, long, endless] { #expect(try await schedule(token) == nil) }
    }
}
