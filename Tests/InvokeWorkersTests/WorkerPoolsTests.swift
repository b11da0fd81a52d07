import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// What the pools leave behind when they are told to stop, and what they find when they start.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WorkerPoolsTests {
    @Test func aJobThatRunsWhenTheAgentStopsIsHandedBackAndEndedOnceByTheNextRun() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell(
            "slow",
            #"echo begun >&2; [ "$INVOKE_ATTEMPT" = 1 ] && sleep 600; printf done"#
        )
        let id = try await test.invoke(operation)
        try await test.withWorkers(drainGrace: .milliseconds(100)) {
            try await eventually { try await !test.store.log(of: id).isEmpty }
        }
        let between = try #require(try await test.store.job(id))
        #expect(between.state == .running && between.attempts == 1)
        #expect(between.claimableAt != nil)
        #expect(try await test.store.openAttempts().isEmpty)

        try await test.withWorkers {
            let job = try await test.ended(id)
            #expect(job.state == .succeeded && job.attempts == 2)
            #expect(job.result == #"{"said":"done"}"#)
        }
        #expect(try await test.store.openAttempts().isEmpty)
        #expect(try await test.store.operation(id: 1).succeeded == 1)
    }

    @Test func aJobThatEndsWithinTheGraceIsNotStopped() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("short", "echo begun >&2; sleep 0.3; printf done")
        let id = try await test.invoke(operation)
        try await test.withWorkers(drainGrace: .seconds(30)) {
            try await eventually { try await !test.store.log(of: id).isEmpty }
        }
        let job = try #require(try await test.store.job(id))
        #expect(job.state == .succeeded && job.attempts == 1)
    }

    @Test func aJobThatWaitsWhenTheAgentStopsRunsAtTheNextStart() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("quick", "printf done")
        try await test.withWorkers {}
        let id = try await test.invoke(operation)
        try await test.withWorkers {
            let job = try await test.ended(id)
            #expect(job.state == .succeeded)
        }
    }

    @Test func whatAnEarlierRunLeftOpenIsRunAgain() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("quick", #"printf "$INVOKE_ATTEMPT""#)
        let id = try await test.invoke(operation)
        let service = try await test.store.services(after: 0, limit: 1)[0].id
        // A claim that nobody ends: what a kill leaves.
        let lost = try await test.store.claim(PoolID(service: service), after: 0)?.claim.job
        #expect(lost == id)
        try await test.withWorkers {
            let job = try await test.ended(id)
            #expect(job.state == .succeeded && job.attempts == 2)
            #expect(job.result == #"{"said":"2"}"#)
        }
    }
}
