import Foundation
import InvokeModel
import InvokeStore
import Testing

/// Who holds a job, for how long, and what becomes of it when nobody does (reliability promises J3, J4, J10, J11).
@Suite(.timeLimit(.minutes(5))) struct LeaseTests {
    private static func renew(_ bench: Bench, _ held: [LeaseBox], maximum: Int = 3) async throws -> LeaseNews {
        try await bench.store.renew(held.map(\.claim), for: .seconds(30), maximum: maximum) { _ in .seconds(1) }
    }

    @Test func aLeaseThatIsRenewedIsKeptHoweverLongTheJobTakes() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let box = try #require(try await bench.claim())
        for _ in 0..<8 {
            bench.advance(by: 29)
            let news = try await Self.renew(bench, [box])
            #expect(news.lost.isEmpty && news.rescued == 0)
        }
        #expect(try await bench.end(box, as: .succeeded(result: [:], assets: [])))
        #expect(try await bench.store.job(id)?.attempts == 1)
    }

    @Test func anAgentThatWasStoppedForLongFindsItsOwnLeasesAgain() async throws {
        let bench = try await Bench()
        _ = try await bench.schedule()
        let box = try #require(try await bench.claim())
        bench.advance(by: 60)
        let news = try await Self.renew(bench, [box])
        #expect(news.lost.isEmpty && news.rescued == 0)
        #expect(try await bench.end(box, as: .succeeded(result: [:], assets: [])))
    }

    @Test func aJobThatNobodyRenewsIsRunAgainAndTheLateResultIsRefused() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let late = try #require(try await bench.claim())
        bench.advance(by: 30)
        #expect(try await Self.renew(bench, []).rescued == 1)
        #expect(try await bench.claim() == nil)
        bench.advance(by: 1)
        let present = try #require(try await bench.claim())
        #expect(present.claim.attempt == 2)
        #expect(try await Self.renew(bench, [late, present]).lost.map(\.name) == [late.claim.name])
        #expect(try await !bench.end(late, as: .succeeded(result: ["by": "late"], assets: [])))
        #expect(try await bench.end(present, as: .succeeded(result: ["by": "present"], assets: [])))
        #expect(try await bench.store.job(id)?.result == #"{"by":"present"}"#)
        let totals = try await bench.store.figures().totals
        #expect(totals.rescues == 1 && totals.staleEndings == 1)
    }

    @Test func aJobThatIsLostTooOftenFails() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        for _ in 0..<2 {
            _ = try #require(try await bench.claim())
            bench.advance(by: 31)
            _ = try await Self.renew(bench, [], maximum: 2)
            bench.advance(by: 1)
        }
        #expect(try await bench.store.job(id)?.failure?.code == .attemptsExhausted)
    }

    @Test func aRenewalTellsOfACancellation() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let box = try #require(try await bench.claim())
        #expect(try await bench.store.cancel(id) == .running)
        #expect(try await Self.renew(bench, [box]).cancelled.map(\.job) == [id])
    }

    @Test func aJobWhoseWorkerHangsEndsAfterItsDeadlineAndTheWorkerFindsItsLeaseLost() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule(lifetime: .seconds(20))
        let box = try #require(try await bench.claim())
        bench.advance(by: 29)
        try await bench.store.failOverrun(grace: .seconds(10))
        #expect(try await bench.state(id) == .running)
        bench.advance(by: 1)
        try await bench.store.failOverrun(grace: .seconds(10))
        #expect(try await bench.store.job(id)?.failure?.code == .deadlinePassed)
        #expect(try await Self.renew(bench, [box]).lost.map(\.job) == [id])
        #expect(try await !bench.end(box, as: .succeeded(result: [:], assets: [])))
    }

    @Test func theLastTwentyAttemptsAreKeptAndAllAreCounted() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        for _ in 1...25 {
            let box = try #require(try await bench.claim())
            try await bench.end(box, as: .interrupted(reason: String(repeating: "x", count: 3000)))
        }
        let attempts = try await bench.store.details(of: id, slots: 1).attempts
        #expect(attempts.map(\.number) == Array(6...25))
        #expect(attempts.allSatisfy { ($0.cause ?? "").count == 1000 })
        #expect(try await bench.store.job(id)?.attempts == 25)
    }

    @Test func aRetryThatAClockSetBackSinceHasPutFarAheadComesNearAtTheStart() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule(lifetime: .seconds(10_000))
        let box = try #require(try await bench.claim())
        try await bench.end(box, as: .retry(at: bench.now + 7_200, reason: "later"))
        bench.advance(by: 300)
        #expect(try await bench.claim() == nil)
        try await bench.store.recover(maximum: 3)
        bench.advance(by: 300)
        #expect(try await bench.claim()?.claim.job == id)
    }
}
