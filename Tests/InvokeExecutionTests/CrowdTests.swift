import InvokeExecution
import InvokeModel
import Testing

/// What takes the whole machine, or looks at the whole of an engine: one after the other, and apart from other tests.
@Suite(.serialized) enum CrowdTests {}

extension CrowdTests {
    /// What every executor has to be able to do with many attempts.
    @Suite(.timeLimit(.minutes(5))) struct CrowdConformanceTests {
        @Test(arguments: ExecutorUnderTest.here)
        func aHundredAttemptsAtOnceEndEachAsItShould(subject: ExecutorUnderTest) async throws {
            let shop = try Workshop(subject)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...100 {
                    let attempt = try shop.attempt(
                        ["/bin/sh", "-c", "echo \(number); exit \(number % 2)"],
                        timeout: .seconds(280)
                    )
                    group.addTask {
                        let outcome = try await shop.outcome(attempt)
                        #expect(outcome == .exited(code: number % 2))
                        #expect(text(of: attempt.directory.stdout) == "\(number)\n")
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
