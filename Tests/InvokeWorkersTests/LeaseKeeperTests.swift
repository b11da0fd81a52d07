import InvokeExecution
import InvokeModel
import InvokeStore
import InvokeTesting
import Logging
import Testing

@testable import InvokeWorkers

/// What the keeper of the leases hears and does between the claim of a job and its end.
@Suite(.timeLimit(.minutes(1))) struct LeaseKeeperTests {
    /// Between a claim's commit and its way here nobody holds the attempt yet.
    @Test func aCancelThatComesBeforeTheAttemptIsHeldStopsItsProgram() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("slow", "sleep 600")
        let job = try await test.invoke(operation)
        let service = try #require(try await test.store.servicesWithWork().first)
        guard let claim = try await test.store.claim(service: service, after: 0)?.claim else {
            Issue.record("there is no job to claim")
            return
        }
        let executor = Stops()
        let keeper = LeaseKeeper(
            store: test.store,
            executor: executor,
            limits: WorkerLimits(),
            logger: Logger(label: "test")
        )
        await keeper.stop(job)
        await keeper.hold(claim)
        await keeper.started(claim, ExecutionHandle("program"))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keeper.run() }
            for await handle in executor.stopped.stream {
                #expect(handle == ExecutionHandle("program"))
                break
            }
            group.cancelAll()
        }
    }
}

/// Tells what it is to stop.
private final class Stops: Executor {
    let stopped = AsyncStream.makeStream(of: ExecutionHandle.self)

    func start(_ attempt: AttemptSpecification) async throws -> ExecutionHandle { ExecutionHandle("none") }

    func wait(for handle: ExecutionHandle) async throws -> Outcome { .exited(code: 0) }

    func stop(_ handle: ExecutionHandle) async throws { stopped.continuation.yield(handle) }
}
