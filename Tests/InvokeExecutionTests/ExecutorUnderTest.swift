import Glibc
import InvokeExecution
import Testing

/// One kind of executor as the conformance suite runs it.
struct ExecutorUnderTest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Whether this machine has what it needs.
    let isHere: Bool
    /// Makes the engine that all tests share; it is up already.
    let engine: @Sendable () throws -> any EngineUnderTest
    /// Starts an engine that a test can take away without disturbing others; nil where attempts don't outlive the agent.
    var passingEngine: (@Sendable () async throws -> any PassingEngine)?

    /// Every kind that there is.
    static let all: [ExecutorUnderTest] = [
        process, processWithoutSandbox, container, slurmByREST, slurmByCommands, slurmWithoutSharedFolder, kubernetes,
    ]

    static let here = all.filter(\.isHere)
    /// Those whose attempts go on while the agent is away.
    static let durable = here.filter { $0.passingEngine != nil }
    /// Whether one that can't be tested is a failure: in CI, and where the gate has started all engines.
    static let allAreWanted = variable("CI") != nil || variable("INVOKE_TEST_ENGINES") == "all"
}

/// A variable of the tests' environment.
func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// An agent as executors know it.
struct AgentUnderTest: Sendable {
    /// Where its attempts have their folders; nobody else's are there.
    let root: String
    var limits = ExecutionLimits()
    var killGrace = Duration.seconds(5)
}

/// What executors of one kind run their attempts on.
protocol EngineUnderTest: Sendable {
    /// Makes what the agent makes at each start: two of the same agent have the same attempts.
    func executor(_ agent: AgentUnderTest) throws -> any Executor

    /// The folder that the program of an attempt writes to while it runs, as this machine sees it.
    func outputs(of attempt: AttemptSpecification) async throws -> String
}

extension EngineUnderTest {
    func outputs(of attempt: AttemptSpecification) async throws -> String { attempt.directory.outputs }
}

/// An engine of a test's own, which can be away and come back; its attempts go on meanwhile.
protocol PassingEngine: EngineUnderTest {
    /// Returns when it can't be asked any more.
    func leave() async throws
    /// Returns when it can be asked again.
    func comeBack() async throws
    /// Ends all that it started.
    func end() async
}

extension ExecutorUnderTest {
    static let process = ExecutorUnderTest(testDescription: "process", isHere: true) {
        ProcessesUnderTest(sandbox: .bubblewrap)
    }
    static let processWithoutSandbox = ExecutorUnderTest(testDescription: "process without sandbox", isHere: true) {
        ProcessesUnderTest(sandbox: .none)
    }
}

/// Processes of this machine.
struct ProcessesUnderTest: EngineUnderTest {
    let sandbox: Sandbox

    func executor(_ agent: AgentUnderTest) -> any Executor {
        ProcessExecutor(
            sandbox: sandbox,
            availability: .available,
            limits: agent.limits,
            killGrace: agent.killGrace
        )
    }
}
