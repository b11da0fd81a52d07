import Foundation
import GRDB
import InvokeModel
import InvokeStore
import Testing

/// The jobs that the job of an orchestration consists of.
@Suite(.timeLimit(.minutes(5))) struct ChildTests {
    /// A job with three children, claimed.
    private static func parent(_ bench: Bench) async throws -> LeaseBox {
        _ = try await bench.store.schedule(job(bench, children: ["a", "b", "c"]))
        let lease = try #require(try await bench.claim())
        bench.advance(by: 1)
        return lease
    }

    private static func job(_ bench: Bench, children: [String] = [], place: ChildPlace? = nil) -> NewJob {
        NewJob(
            operation: bench.operation.id,
            pool: PoolID(service: bench.service),
            owner: bench.ada.id,
            room: QueueRoom(ofService: .max),
            inputs: [:],
            lifetime: .seconds(300),
            payments: [],
            webhookURL: nil,
            webhookEvents: nil,
            children: children,
            place: place
        )
    }

    private static func start(_ name: String, of parent: JobID, _ bench: Bench) async throws -> Acceptance {
        let deadline = try #require(try await bench.store.job(parent)).deadline
        let place = ChildPlace(parent: parent, name: name, deadline: deadline)
        return try await bench.store.schedule(job(bench, place: place))
    }

    @Test func aChildIsMadeOnceHoweverOftenItIsStarted() async throws {
        let bench = try await Bench()
        let parent = try await Self.parent(bench).claim.job
        let first = try await Self.start("b", of: parent, bench)
        let second = try await Self.start("b", of: parent, bench)
        #expect(!first.isReplay && second.isReplay && first.job == second.job)
        #expect(try bench.count("jobs") == 2)
        let child = try #require(try await bench.store.job(first.job))
        #expect(child.parent == parent)
        // It was made a second later.
        #expect(child.deadline.timeIntervalSince(child.createdAt) == 299)
        #expect(try await bench.store.job(parent)?.parent == nil)
        let children = try #require(try bench.store.result(of: parent)).children
        #expect(children.map(\.name) == ["a", "b", "c"] && children.map(\.id) == [nil, first.job, nil])
        #expect(children.allSatisfy { $0.state == .scheduled && $0.failure == nil })
        #expect(try bench.store.result(of: first.job)?.children.isEmpty == true)
    }

    @Test func nothingIsStartedForAParentThatIsToEndOrHasEnded() async throws {
        let bench = try await Bench()
        let lease = try await Self.parent(bench)
        let parent = lease.claim.job
        for state in [JobState.running, .cancelled] {
            if state == .running {
                _ = try await bench.store.cancel(parent)
            } else {
                try await bench.end(lease, as: .interrupted(reason: "cancelled"))
            }
            #expect(try await bench.state(parent) == state)
            await #expect {
                try await Self.start("a", of: parent, bench)
            } throws: {
                ($0 as? Refusal)?.code == .conflict
            }
        }
        #expect(try bench.count("jobs") == 1)
    }

    @Test func withAJobThatFailsAllItsChildrenEnd() async throws {
        let bench = try await Bench()
        let lease = try await Self.parent(bench)
        let parent = lease.claim.job
        let running = try await Self.start("a", of: parent, bench).job
        let late = try #require(try await bench.claim())
        let waiting = try await Self.start("b", of: parent, bench).job
        let (looked, look) = AsyncStream.makeStream(of: Void.self)
        async let heard: Void = bench.store.signals.waitForEnd(
            ofAny: [waiting],
            atMost: .seconds(3600),
            clock: ContinuousClock()
        ) {
            look.yield()
            return false
        }
        for await _ in looked { break }
        try await bench.end(lease, as: .failed(JobFailure(.operationFailed, "No.")))
        try await heard
        let told = try #require(try bench.store.result(of: parent))
        #expect(told.state == .failed && told.children.map(\.id) == [running, waiting, nil])
        #expect(told.children.allSatisfy { $0.state == .cancelled && $0.failure?.code == .cancelled })

        // The program of the one that ran is still there until its worker says so; what it says then is too late.
        #expect(try await bench.store.openAttempts().map(\.job) == [running])
        #expect(
            try await bench.store.renew([late.claim], for: .seconds(30), maximum: 3) { _ in .zero }.cancelled.count == 1
        )
        let assets = try bench.count("assets")
        try await bench.end(late, as: .succeeded(result: [:], assets: [Bench.asset()]))
        #expect(try await bench.state(running) == .cancelled)
        #expect(try bench.count("assets") == assets)
        #expect(
            try await bench.store.details(of: running, slots: 1).attempts.last?.cause?.hasPrefix("too late") == true
        )
        #expect(try await bench.store.openAttempts().isEmpty)
    }

    @Test func ofLongResultsAsManyAreToldAsOneJobMayHave() async throws {
        let bench = try await Bench()
        let parent = try await Self.parent(bench).claim.job
        let long = String(repeating: "x", count: 600_000)
        for name in ["a", "b"] {
            _ = try await Self.start(name, of: parent, bench)
            let lease = try #require(try await bench.claim())
            try await bench.end(lease, as: .succeeded(result: ["out": .string(long)], assets: []))
        }
        let children = try #require(try bench.store.result(of: parent)).children
        #expect(children.map(\.state) == [.succeeded, .succeeded, .scheduled])
        #expect(children[0].result?.contains(long) == true && children[1].result == nil)
    }

    @Test func childrenStayAsLongAsTheirParent() async throws {
        let bench = try await Bench()
        let lease = try await Self.parent(bench)
        let parent = lease.claim.job
        let child = try await Self.start("a", of: parent, bench).job
        try await bench.end(lease, as: .failed(JobFailure(.operationFailed, "No.")))
        bench.advance(by: 30 * 24 * 3600)
        let age = KeepLimits().succeeded
        try await bench.prune(.cancelled, olderThan: age)
        #expect(try await bench.state(child) == .cancelled)
        await #expect {
            try await bench.store.removeJob(child)
        } throws: {
            ($0 as? Refusal)?.code == .conflict
        }
        try await bench.prune(.failed, olderThan: age)
        #expect(try await bench.state(parent) == nil && bench.count("child_jobs") == 0)
        try await bench.prune(.cancelled, olderThan: age)
        #expect(try await bench.state(child) == nil)
    }
}
