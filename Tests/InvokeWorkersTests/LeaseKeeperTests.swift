import InvokeModel
import InvokeStore
import InvokeTesting
import Logging
import Testing

@testable import InvokeWorkers

/// What the keeper of the leases hears and does between the claim of a job and its end.
@Suite(.timeLimit(.minutes(5))) struct LeaseKeeperTests {
    /// Between a claim's commit and its way here nobody holds the attempt yet.
    @Test func aCancelThatComesBeforeTheAttemptIsHeldStopsItsProgram() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("slow", "sleep 600")
        let job = try await test.invoke(operation)
        let pool = try #require(try await test.store.poolsWithWork().first)
        guard let claim = try await test.store.claim(pool, after: 0)?.claim else {
            Issue.record("there is no job to claim")
            return
        }
        let keeper = LeaseKeeper(store: test.store, limits: WorkerLimits(), logger: Logger(label: "test"))
        let (stopped, tell) = AsyncStream.makeStream(of: Never.self)
        await keeper.stop(job)
        await keeper.hold(claim)
        await keeper.started(claim, AttemptStop(isWaiting: false, name: "program") { tell.finish() })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keeper.run() }
            for await _ in stopped {}
            group.cancelAll()
        }
    }
}
