import Foundation
import GRDB
import InvokeModel
import InvokeStore
import Testing

/// What goes with time, and what stays (reliability promise O3).
@Suite(.timeLimit(.minutes(5))) struct PruningTests {
    private static let day: TimeInterval = 24 * 3600

    /// - Returns: how many jobs were pruned.
    private static func sweep(_ bench: Bench) async throws -> Int {
        let before = try await bench.store.figures().totals.pruned
        let limits = KeepLimits()
        for (state, age) in [
            (JobState.succeeded, limits.succeeded), (.cancelled, limits.succeeded), (.failed, limits.failed),
        ] {
            try await bench.prune(state, olderThan: age)
        }
        return try await bench.store.figures().totals.pruned - before
    }

    private static func ended(_ bench: Bench, as ending: AttemptEnding, webhook: String? = nil) async throws -> JobID {
        let id = try await bench.store.schedule(bench.job(webhook: webhook)).job
        let box = try #require(try await bench.claim())
        try await bench.end(box, as: ending)
        return id
    }

    @Test func jobsGoByTheirAgeAndWhatTheyMadeStays() async throws {
        let bench = try await Bench()
        let asset = Bench.asset()
        let good = try await Self.ended(bench, as: .succeeded(result: [:], assets: [asset]))
        try await bench.store.appendLog([1, 2, 3], of: good)
        let bad = try await Self.ended(bench, as: .failed(JobFailure(.operationFailed, "no")))
        bench.advance(by: Self.day - 1)
        #expect(try await Self.sweep(bench) == 0)
        let open = try await bench.schedule(lifetime: .seconds(30 * 24 * 3600))
        bench.advance(by: 1)
        #expect(try await Self.sweep(bench) == 1)
        #expect(try await bench.store.job(good) == nil)
        #expect(try await bench.store.job(bad) != nil)
        #expect(try await bench.store.log(of: good).isEmpty)
        #expect(try bench.count("attempts") == 1)
        bench.advance(by: 6 * Self.day)
        #expect(try await Self.sweep(bench) == 1)
        #expect(try await bench.store.job(open) != nil)
        #expect(try await bench.store.asset(asset.id) != nil)
    }

    @Test func aJobWhoseWebhookHasNotArrivedStaysAndALetterThatDiedIsKeptForAWeek() async throws {
        let bench = try await Bench()
        let id = try await Self.ended(bench, as: .succeeded(result: [:], assets: []), webhook: "https://example.com/")
        bench.advance(by: 30 * Self.day)
        #expect(try await Self.sweep(bench) == 0)
        let delivery = try #require(try await bench.store.dueDeliveries(queues: 1, perQueue: 1).first)
        try await bench.store.note(bench.attempt(), of: delivery, .exhausted)
        bench.advance(by: 6 * Self.day)
        #expect(try await Self.sweep(bench) == 0)
        bench.advance(by: Self.day)
        #expect(try await Self.sweep(bench) == 1)
        #expect(try await bench.store.deliveries(of: id).isEmpty)
    }

    @Test func theFileShrinksWhenJobsAreGone() async throws {
        let bench = try await Bench(inMemory: true)
        #expect(try bench.sql { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
        let words = [UInt8](repeating: 7, count: 200_000)
        for _ in 0..<60 {
            let id = try await Self.ended(bench, as: .succeeded(result: [:], assets: []))
            try await bench.store.appendLog(words, of: id)
        }
        func pages() throws -> Int { try bench.sql { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 } }
        let before = try pages()
        bench.advance(by: 2 * Self.day)
        #expect(try await Self.sweep(bench) == 60)
        var steps = 0
        while try await bench.store.shrink() { steps += 1 }
        #expect(steps > 1)
        #expect(try pages() < before / 2)
        #expect(try bench.sql { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
    }

    @Test func theWalkUsesItsIndex() async throws {
        let bench = try await Bench()
        let plan = try bench.sql { database in
            try Row.fetchAll(
                database,
                sql: """
                    EXPLAIN QUERY PLAN SELECT id, ended_at FROM jobs
                    WHERE state = 'failed' AND ended_at IS NOT NULL AND ended_at <= 5 AND (ended_at, id) > (1, 1)
                    ORDER BY ended_at, id LIMIT 1000
                    """
            ).map { $0["detail"] as String }
        }
        #expect(plan.count == 1 && plan.first?.contains("jobs_ended") == true, "\(plan)")
    }
}
