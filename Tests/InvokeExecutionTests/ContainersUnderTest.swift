import Glibc
import InvokeExecution
import InvokeModel
import InvokeTesting
import Logging
import Testing

extension ExecutorUnderTest {
    static let container = ExecutorUnderTest(testDescription: "container", isHere: ContainersUnderTest.isHere) {
        try ContainersUnderTest()
    } passingEngine: {
        try await PassingContainers()
    }
}

/// The containers of the engine that `scripts/test-engines` has started.
struct ContainersUnderTest: EngineUnderTest {
    let socket: String
    let image: String

    static let isHere = (try? ContainersUnderTest()) != nil

    init(socket: String? = nil) throws {
        self.socket = try socket ?? Self.variable("SOCKET")
        image = try Self.variable("IMAGE")
    }

    func executor(_ agent: AgentUnderTest) -> any Executor { executor(settings(agent)) }

    func executor(_ settings: ContainerSettings) -> ContainerExecutor {
        ContainerExecutor(settings, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// The agents of one root are the same; each root has a random part in its path.
    func settings(_ agent: AgentUnderTest) -> ContainerSettings {
        let name = agent.root.split(separator: "/").dropLast().last.map(String.init) ?? ""
        var settings = ContainerSettings(socket: socket, folder: agent.root, agent: name)
        settings.image = image
        settings.limits = agent.limits
        settings.killGrace = agent.killGrace
        return settings
    }

    static func variable(_ name: String) throws -> String {
        try #require(getenv("INVOKE_TEST_CONTAINER_" + name).map { String(cString: $0) })
    }
}

/// A service of a test's own over the same containers.
actor PassingContainers: PassingEngine {
    private let socket: String
    private let containers: ContainersUnderTest
    private var service: pid_t?

    init() async throws {
        socket = try Workshop.temporaryFolder() + "/podman.sock"
        containers = try ContainersUnderTest(socket: socket)
        try await comeBack()
    }

    nonisolated func executor(_ agent: AgentUnderTest) -> any Executor { containers.executor(agent) }

    func comeBack() async throws {
        service = try spawn(ContainersUnderTest.variable("SERVICE"), [socket])
        let asked = containers.executor(AgentUnderTest(root: "/nowhere"))
        try await eventually(within: .seconds(60)) { await asked.condition().fault == nil }
    }

    /// It has no time to say good-bye.
    func leave() {
        guard let service else { return }
        kill(service, SIGKILL)
        waitpid(service, nil, 0)
        self.service = nil
    }

    func end() {
        leave()
        unlink(socket)
        rmdir(String(socket.dropLast("/podman.sock".utf8.count)))
    }
}
