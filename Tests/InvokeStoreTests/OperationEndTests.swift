import Foundation
import InvokeModel
import InvokeStore
import Testing

/// What an operation's record tells of the ends of its jobs.
@Suite struct OperationEndTests {
    private static func record(_ bench: Bench) async throws -> OperationRecord {
        try await bench.store.operation(id: bench.operation.id)
    }

    /// Runs a job for so many seconds.
    private static func run(_ bench: Bench, seconds: Double, as ending: AttemptEnding) async throws {
        _ = try await bench.schedule()
        let lease = try #require(try await bench.claim())
        bench.advance(by: seconds)
        try await bench.end(lease, as: ending)
    }

    private static var succeeded: AttemptEnding { .succeeded(result: [:], assets: []) }
    private static var failed: AttemptEnding { .failed(JobFailure(.operationFailed, "No.")) }

    @Test func everyEndIsToldNewestFirst() async throws {
        let bench = try await Bench()
        #expect(try await Self.record(bench).lastEnds == [])
        #expect(try await Self.record(bench).medianRunning == nil)
        try await Self.run(bench, seconds: 2, as: Self.succeeded)
        let first = bench.now
        try await Self.run(bench, seconds: 0.25, as: Self.failed)
        let second = bench.now
        _ = try await bench.store.cancel(try await bench.schedule())
        let record = try await Self.record(bench)
        #expect(record.lastEnds.map(\.state) == [.cancelled, .failed, .succeeded])
        #expect(record.lastEnds.map(\.running) == [nil, .milliseconds(250), .seconds(2)])
        #expect(record.lastEnds.map(\.at) == [second, second, first])
        #expect(record.medianRunning == .seconds(2))
        #expect((record.succeeded, record.failed, record.runningMilliseconds) == (1, 1, 2000))
    }

    @Test func theMedianIsThatOfTheLastTwenty() async throws {
        let bench = try await Bench()
        for _ in 0..<10 { try await Self.run(bench, seconds: 25, as: Self.succeeded) }
        for number in 1...20 { try await Self.run(bench, seconds: Double(number), as: Self.succeeded) }
        let record = try await Self.record(bench)
        #expect(record.lastEnds.map(\.running) == (1...20).reversed().map { .seconds($0) })
        #expect(record.medianRunning == .milliseconds(10_500))
        try await Self.run(bench, seconds: 0, as: Self.succeeded)
        #expect(try await Self.record(bench).medianRunning == .milliseconds(10_500))
        try await Self.run(bench, seconds: 0, as: Self.failed)
        #expect(try await Self.record(bench).medianRunning == .seconds(11))
        #expect(try await Self.record(bench).succeeded == 31)
    }
}
