import InvokeAgent
import InvokeExecution
import InvokeModel
import InvokeStore
import InvokeTesting
import InvokeWire
import Logging
import Testing

/// The slots of a service for each of its engines.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EnginePoolTests {
    private static func agent() async throws -> TestAgent {
        var limits = AgentLimits()
        limits.engines = [.process, .container, .slurm]
        return try await TestAgent(limits: limits)
    }

    private static func register(_ pool: String, _ engines: String..., on test: TestAgent) async throws -> [String] {
        let operations = engines.enumerated().map { index, engine in
            """
              run-\(index):
                inputs: {word: {type: string, required: false, default: none}}
                outputs: {said: {type: string}}
                run: {engine: \(engine), command: [sh, -c, "echo begun >&2; sleep 600"]}
            """
        }
        let service = try await test.register(
            """
            name: both
            version: 1.0.0
            pool: \(pool)
            operations:
            \(operations.joined(separator: "\n"))
            """
        )
        return service.operations.sorted { $0.name < $1.name }.map(\.asset.description)
    }

    /// How many of the jobs have programs that run.
    private static func running(_ jobs: [JobID], on test: TestAgent) async throws -> Int {
        var count = 0
        for job in jobs where try await !test.store.log(of: job).isEmpty { count += 1 }
        return count
    }

    @Test func jobsWhoseClusterIsAwayTakeTheSlotsOfTheMachineAndNoMore() async throws {
        let test = try await Self.agent()
        let pool = "{concurrency: {slurm: 10, process: 2}}"
        let operation = try #require(try await Self.register(pool, "[slurm, process]", on: test).first)
        // Nobody listens there.
        let nowhere = SlurmSettings.Connection.rest(address: "http://127.0.0.1:1", login: nil)
        let settings = SlurmSettings(
            connection: nowhere,
            folder: test.folder.path,
            label: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var jobs: [JobID] = []
        for _ in 0..<6 { jobs.append(try await test.invoke(operation)) }
        try await test.withWorkers(drainGrace: .milliseconds(100), engines: [.slurm: SlurmExecutor(settings)]) {
            try await eventually {
                var waiting = 0
                for id in jobs {
                    let job = try await test.store.job(id)
                    if job?.claimableAt != nil, job?.attempts == 1 { waiting += 1 }
                }
                let running = try await Self.running(jobs, on: test)
                return (waiting, running) == (4, 2)
            }
            let figures = try await test.store.pools(after: 0, limit: 1)[0]
            #expect(figures.running == 2 && figures.waiting == 4)
        }
    }

    @Test func theJobsOfOneEngineDoNotWaitForThoseOfAnother() async throws {
        let test = try await Self.agent()
        let pool = "{concurrency: {process: 1, container: 1}}"
        let operations = try await Self.register(pool, "process", "container", on: test)
        var jobs: [JobID] = []
        for operation in [operations[0], operations[0], operations[0], operations[1]] {
            jobs.append(try await test.invoke(operation))
        }
        let other = ProcessExecutor(availability: await TestAgent.sandbox.value, killGrace: .milliseconds(300))
        try await test.withWorkers(drainGrace: .milliseconds(100), engines: [.container: other]) {
            try await eventually { try await Self.running([jobs[0], jobs[3]], on: test) == 2 }
            #expect(try await Self.running(jobs, on: test) == 2)
            let figures = try await test.store.pools(after: 0, limit: 1)[0]
            #expect(figures.running == 2 && figures.waiting == 2)
            #expect(figures.engines.map(\.engine) == [.container, .process])
            #expect(figures.engines.map(\.running) == [1, 1] && figures.engines.map(\.waiting) == [0, 2])
            let waiting = try await test.store.details(of: jobs[1], slots: 5).waiting
            #expect(waiting?.detail == "The one slot of the service by the engine process is busy.")
        }
    }

    @Test func aDefinitionThatNamesOtherEnginesLetsWhatWaitsRun() async throws {
        let test = try await Self.agent()
        let operation = try #require(try await Self.register("{concurrency: {process: 1}}", "process", on: test).first)
        let jobs = [try await test.invoke(operation), try await test.invoke(operation)]
        try await test.withWorkers(drainGrace: .milliseconds(100)) {
            try await eventually { try await Self.running(jobs, on: test) == 1 }
            let provider = try await test.account("provider")
            let definition = try JSON(
                yaml: Array(
                    """
                    name: both
                    version: 1.0.1
                    pool: {concurrency: 2}
                    operations:
                      run-1:
                        inputs: {word: {type: string}}
                        outputs: {said: {type: string}}
                        run: {engine: process, command: [cat]}
                    """.utf8
                )
            )
            _ = try await test.agent.replaceService(named: "both", with: definition, by: provider)
            try await eventually { try await Self.running(jobs, on: test) == 2 }
        }
    }
}
