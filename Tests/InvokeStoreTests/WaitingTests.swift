import Foundation
import InvokeModel
import InvokeStore
import Testing

/// What is told about a job that waits (agent.md, section 5).
@Suite(.timeLimit(.minutes(5))) struct WaitingTests {
    private static func waiting(_ bench: Bench, _ id: JobID, slots: Int = 1) async throws -> JobWaiting? {
        try await bench.store.details(of: id, slots: slots).waiting
    }

    @Test func aJobWithAFreeSlotIsAboutToStart() async throws {
        let bench = try await Bench()
        let waiting = try await Self.waiting(bench, bench.schedule())
        #expect(waiting?.reason == .starting && waiting?.ahead == 0)
    }

    @Test func aJobBehindOthersIsToldHowManyAtMost() async throws {
        let bench = try await Bench()
        _ = try await bench.schedule(of: bench.ada)
        _ = try #require(try await bench.claim())
        for _ in 0..<5 { _ = try await bench.schedule(of: bench.ada) }
        let first = try await Self.waiting(bench, bench.schedule(of: bench.bob))
        #expect(first?.reason == .poolFull && first?.ahead == 1)
        bench.advance(by: 1)
        let second = try await Self.waiting(bench, bench.schedule(of: bench.bob))
        #expect(second?.reason == .fairShare && second?.ahead == 3)
    }

    @Test func aJobThatIsTriedAgainIsToldWhen() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let box = try #require(try await bench.claim())
        let later = bench.now + 7
        try await bench.end(box, as: .retry(at: later, reason: "later"))
        let waiting = try await Self.waiting(bench, id)
        #expect(waiting?.reason == .retry && waiting?.until == later)
    }

    @Test func aJobThatRunsOrHasEndedDoesNotWait() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let box = try #require(try await bench.claim())
        #expect(try await Self.waiting(bench, id) == nil)
        try await bench.end(box, as: .succeeded(result: [:], assets: []))
        let details = try await bench.store.details(of: id, slots: 1)
        #expect(details.waiting == nil)
        #expect(details.attempts.map(\.cause) == ["succeeded"])
    }
}
