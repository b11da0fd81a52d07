import Glibc
import InvokeExecution
import InvokeModel
import Testing

/// How attempts are ended, and what they can't have.
extension ConformanceTests {
    @Test(arguments: ExecutorUnderTest.here)
    func theTimeIsLimited(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let attempt = try shop.attempt(["/bin/sh", "-c", "sleep 3600"], timeout: .seconds(1))
        #expect(try await shop.outcome(attempt) == .timedOut)
    }

    @Test(arguments: ExecutorUnderTest.here)
    func aProgramIsAskedBeforeItIsEnded(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject, killGrace: .seconds(30))
        let listener = Listener()
        let script = """
            trap 'echo polite; sleep 1; exit 0' TERM
            echo ready
            while :; do sleep 0.05; done
            """
        let attempt = try shop.attempt(["/bin/sh", "-c", script], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("ready")
        try await shop.executor.stop(handle)
        try await shop.executor.stop(handle)
        #expect(try await shop.executor.wait(for: handle) == .stopped)
        #expect(listener.log.contains("polite\n"))
    }

    @Test(arguments: ExecutorUnderTest.here)
    func nothingSurvivesTheEndOfTheGrace(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject, killGrace: .seconds(1))
        let listener = Listener()
        let word = "survivor of \(subject.testDescription) \(getpid())"
        let script = """
            trap '' TERM
            setsid sh -c 'setsid sh -c "echo detached; sleep 3600; :" "$0" & sleep 3600; :' "$0" &
            while :; do sleep 1; done
            """
        let attempt = try shop.attempt(["/bin/sh", "-c", script, word], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("detached")
        #expect(someProcessSays(word))
        try await shop.executor.stop(handle)
        #expect(try await shop.executor.wait(for: handle) == .stopped)
        #expect(!someProcessSays(word))
    }

    @Test(arguments: ExecutorUnderTest.here)
    func moreOutputsThanAllowedEndTheAttempt(subject: ExecutorUnderTest) async throws {
        var limits = ExecutionLimits()
        limits.outputs = 4 << 20
        let shop = try Workshop(subject, limits: limits, killGrace: .seconds(1))
        let script = """
            for n in 1 2 3 4 5 6 7 8; do head -c 1048576 /dev/zero > "$INVOKE_OUTPUT_DIR/$n"; done; sleep 3600
            """
        let outcome = try await shop.outcome(shop.attempt(["/bin/sh", "-c", script]))
        guard case .exceeded(.fileTooLarge, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test(arguments: ExecutorUnderTest.here)
    func memoryIsLimitedWhereThatIsPromised(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        guard await shop.executor.condition().demands[.memory] == .enforced else { return }
        let listener = Listener()
        // It stays a while at what it has taken: some engines look only now and then.
        let script = """
            much="$(head -c 150000000 /dev/zero | tr '\\000' x)" && sleep 10 && echo "survived with ${#much} bytes"
            """
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", script],
            resources: Resources(memory: 64 << 20),
            listener: listener
        )
        let outcome = try await shop.outcome(attempt)
        #expect(outcome != .exited(code: 0))
        #expect(!listener.log.contains("survived"))
    }

    @Test(arguments: ExecutorUnderTest.here)
    func theNetworkIsAwayWhereThatIsPromised(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        guard await shop.executor.condition().demands[.network] == .enforced else { return }
        let networks = try await shop.output("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")
        #expect(networks == "lo\n")
    }
}
