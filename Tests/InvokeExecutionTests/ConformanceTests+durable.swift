import Glibc
import InvokeExecution
import InvokeModel
import InvokeTesting
import Testing

/// What becomes of attempts while the agent or the engine is away.
extension ConformanceTests {
    /// Says something, waits until it may go on, and ends with 7; how often it was started can be counted.
    private static let patient = """
        echo started >> "$INVOKE_OUTPUT_DIR/starts"; echo '::progress 10 early'; echo early; echo early too >&2
        until [ -n "$GO" ] || [ -e "$INVOKE_OUTPUT_DIR/go" ]; do sleep 0.05; done; echo late; exit 7
        """

    private func executors(
        _ count: Int,
        _ engine: any EngineUnderTest,
        _ root: String
    ) throws -> [any DurableExecutor] {
        try (0..<count).map { _ in
            try #require(engine.executor(AgentUnderTest(root: root, killGrace: .seconds(1))) as? any DurableExecutor)
        }
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func aNewAgentFindsAnAttemptThatRuns(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let agents = try executors(2, subject.engine(), shop.root)
        #expect(agents[0].folder == shop.root)
        let (before, after) = (Listener(), Listener())
        let attempt = try shop.attempt(["/bin/sh", "-c", Self.patient], listener: before)
        let handle = try await agents[0].start(attempt)
        // On both streams, which come by themselves: from now on only one agent keeps the output.
        await before.hears("early\n")
        await before.hears("early too")

        let found = try await agents[1].resume(attempt.heard(by: after))
        #expect(found == handle)
        await after.hears("early\n")
        await after.hears("early too")
        try await shop.letGo(attempt)
        #expect(try await agents[1].wait(for: handle) == .exited(code: 7))
        #expect(after.log.contains("late\n"))
        #expect(after.errors == "early too\n")
        #expect(after.progress == ["10 early"])
        #expect(!after.places.isEmpty)
        #expect(text(of: attempt.directory.stdout) == "early\nlate\n")
        #expect(text(of: attempt.directory.outputs + "/starts") == "started\n")
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func aNewAgentFindsTheEndOfAnAttempt(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let agents = try executors(2, subject.engine(), shop.root)
        let attempt = try shop.attempt(["/bin/sh", "-c", Self.patient], environment: ["GO": "1"])
        let handle = try await agents[0].start(attempt)
        #expect(try await agents[0].wait(for: handle) == .exited(code: 7))

        let after = Listener()
        #expect(try await agents[1].resume(attempt.heard(by: after)) == handle)
        #expect(try await agents[1].wait(for: handle) == .exited(code: 7))
        #expect(after.log.contains("early\n"))
        #expect(after.progress == ["10 early"])
        #expect(text(of: attempt.directory.stdout) == "early\nlate\n")
        #expect(text(of: attempt.directory.outputs + "/starts") == "started\n")
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func aNewAgentStopsWhatItHasFound(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let agents = try executors(2, subject.engine(), shop.root)
        let before = Listener()
        let attempt = try shop.attempt(["/bin/sh", "-c", Self.patient], listener: before)
        _ = try await agents[0].start(attempt)
        await before.hears("early")
        let found = try #require(try await agents[1].resume(attempt.heard(by: Listener())))
        try await agents[1].stop(found)
        #expect(try await agents[1].wait(for: found) == .stopped)
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func anAttemptThatNeverStartedIsNotFound(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let agent = try executors(1, subject.engine(), shop.root)[0]
        #expect(try await agent.resume(shop.attempt(["/bin/sh", "-c", "exit 0"])) == nil)
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func aForgottenAttemptIsNotFound(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let agents = try executors(2, subject.engine(), shop.root)
        let attempt = try shop.attempt(["/bin/sh", "-c", "exit 0"])
        let handle = try await agents[0].start(attempt)
        #expect(try await agents[0].wait(for: handle) == .exited(code: 0))
        await agents[0].forget(handle)
        #expect(try await agents[1].resume(attempt.heard(by: Listener())) == nil)
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func whatIsNotKeptIsEndedAndNothingElse(subject: ExecutorUnderTest) async throws {
        let (shop, other) = (try Workshop(subject), try Workshop(subject))
        let agents = try executors(2, subject.engine(), shop.root)
        let stranger = try executors(1, subject.engine(), other.root)[0]
        let listeners = (0..<4).map { _ in Listener() }
        // The one to keep, the one that is left, the stranger's, and one that the new agent has started itself.
        let attempts = try zip([shop, shop, other, shop], listeners).map { shop, listener in
            try shop.attempt(["/bin/sh", "-c", Self.patient], listener: listener)
        }
        let handles = [
            try await agents[0].start(attempts[0]), try await agents[0].start(attempts[1]),
            try await stranger.start(attempts[2]), try await agents[1].start(attempts[3]),
        ]
        for listener in listeners { await listener.hears("early") }
        await agents[1].endLeftovers(except: [attempts[0].name])
        try await eventually(within: .seconds(120)) {
            let fresh = try executors(1, subject.engine(), shop.root)[0]
            return try await fresh.resume(attempts[1].heard(by: Listener())) == nil
        }

        for index in [0, 2, 3] { try await shop.letGo(attempts[index]) }
        #expect(try await agents[0].wait(for: handles[0]) == .exited(code: 7))
        #expect(try await stranger.wait(for: handles[2]) == .exited(code: 7))
        #expect(try await agents[1].wait(for: handles[3]) == .exited(code: 7))
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func nothingIsStartedWhileTheEngineIsAway(subject: ExecutorUnderTest) async throws {
        try await withPassingEngine(of: subject) { engine, shop in
            try await engine.leave()
            #expect(await shop.executor.condition().fault != nil)
            let attempt = try shop.attempt(["/bin/sh", "-c", "echo ran >> $INVOKE_OUTPUT_DIR/ran"])
            await #expect(throws: EngineUnavailable.self) { try await shop.executor.start(attempt) }
            try await engine.comeBack()
            #expect(await shop.executor.condition().fault == nil)
            #expect(try await shop.outcome(attempt) == .exited(code: 0))
            #expect(text(of: attempt.directory.outputs + "/ran") == "ran\n")
        }
    }

    @Test(arguments: ExecutorUnderTest.durable)
    func anAttemptOutlivesTheAbsenceOfItsEngine(subject: ExecutorUnderTest) async throws {
        try await withPassingEngine(of: subject) { engine, shop in
            let listener = Listener()
            let attempt = try shop.attempt(["/bin/sh", "-c", Self.patient], listener: listener)
            let handle = try await shop.executor.start(attempt)
            await listener.hears("early too")
            try await engine.leave()
            try await shop.letGo(attempt)
            try await engine.comeBack()
            #expect(try await shop.executor.wait(for: handle) == .exited(code: 7))
            #expect(listener.errors == "early too\n")
            #expect(listener.progress == ["10 early"])
            #expect(text(of: attempt.directory.stdout) == "early\nlate\n")
            #expect(text(of: attempt.directory.outputs + "/starts") == "started\n")
        }
    }

    private func withPassingEngine(
        of subject: ExecutorUnderTest,
        _ body: (any PassingEngine, Workshop) async throws -> Void
    ) async throws {
        let makeEngine = try #require(subject.passingEngine)
        let engine = try await makeEngine()
        do {
            let shop = try Workshop(engine: engine) {
                try engine.executor(AgentUnderTest(root: $0, killGrace: .seconds(1)))
            }
            try await body(engine, shop)
        } catch {
            await engine.end()
            throw error
        }
        await engine.end()
    }
}

extension AttemptSpecification {
    /// The same attempt as a new run of the agent tells it: without inputs, and with a listener of its own.
    fileprivate func heard(by listener: any AttemptListener) -> AttemptSpecification {
        AttemptSpecification(
            job: job,
            number: number,
            operation: operation,
            program: program,
            directory: directory,
            remaining: remaining,
            listener: listener
        )
    }
}
