import Foundation
import GRDB
import InvokeModel
import InvokeStore
import Testing

/// What the store tells of the last hour.
@Suite(.timeLimit(.minutes(5))) struct RatesTests {
    private static func end(_ bench: Bench, as ending: AttemptEnding) async throws {
        try await bench.end(try #require(try await bench.claim(lease: .seconds(600))), as: ending)
    }

    @Test func jobsAreCountedInTheMinuteInWhichTheyCameAndInWhichTheyEnded() async throws {
        let bench = try await Bench()
        // Begins in the middle of a minute.
        bench.advance(by: 30 - bench.now.timeIntervalSince1970.truncatingRemainder(dividingBy: 60))
        for _ in 0..<3 { _ = try await bench.schedule(lifetime: .seconds(36_000)) }
        bench.advance(by: 29.999)
        try await Self.end(bench, as: .succeeded(result: [:], assets: []))
        bench.advance(by: 0.001)
        try await Self.end(bench, as: .failed(JobFailure(.operationFailed, "no")))
        _ = try await bench.schedule(lifetime: .seconds(36_000))
        var rates = try await bench.store.rates()
        #expect(rates.count == 60)
        #expect(rates.map(\.start) == rates.map(\.start).sorted())
        #expect(rates[58].accepted == 3 && rates[58].succeeded == 1 && rates[58].ended == 1)
        #expect(rates[59].accepted == 1 && rates[59].failed == 1 && rates[59].ended == 1)
        #expect(rates[..<58].allSatisfy { $0.accepted == 0 && $0.ended == 0 })
        bench.advance(by: 57 * 60)
        rates = try await bench.store.rates()
        #expect(rates[1].accepted == 3 && rates[2].accepted == 1)
        try await Self.end(bench, as: .succeeded(result: [:], assets: []))
        rates = try await bench.store.rates()
        #expect(rates[59].succeeded == 1 && rates[59].accepted == 0)
        bench.advance(by: 60 * 60)
        rates = try await bench.store.rates()
        #expect(rates.allSatisfy { $0.accepted == 0 && $0.ended == 0 })
    }

    @Test func aMinuteThatIsOverIsCountedOnce() async throws {
        let bench = try await Bench()
        _ = try await bench.schedule(lifetime: .seconds(36_000))
        try await Self.end(bench, as: .succeeded(result: [:], assets: []))
        bench.advance(by: 3 * 60)
        #expect(try await bench.store.rates()[56].succeeded == 1)
        // What is removed from then on has happened nevertheless.
        try await bench.prune(.succeeded, olderThan: .seconds(60))
        #expect(try bench.count("jobs") == 0)
        #expect(try await bench.store.rates()[56].succeeded == 1)
        #expect(try await bench.store.rates()[56].accepted == 1)
    }

    @Test func theEndsAreCountedFromTheirIndex() async throws {
        let bench = try await Bench()
        let plan = try bench.sql { database in
            try Row.fetchAll(
                database,
                sql: """
                    EXPLAIN QUERY PLAN SELECT ended_at / 60000 AS minute, count(*) AS jobs FROM jobs
                    WHERE state = 'failed' AND ended_at >= 5 GROUP BY 1
                    """
            ).map { $0["detail"] as String }
        }
        #expect(plan.first?.contains("COVERING INDEX jobs_ended") == true, "\(plan)")
    }
}
