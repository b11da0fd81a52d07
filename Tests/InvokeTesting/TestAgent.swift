import Hummingbird
package import HummingbirdTesting
package import InvokeAgent
package import InvokeAssets
import InvokeExecution
import InvokeHTTP
package import InvokeModel
import InvokeOutbound
package import InvokeStore
import InvokeWire
import InvokeWorkers
import Logging

/// A whole agent inside a test: a real store on a real file, real contents, real workers, the real router.
///
/// Accounts: `admin`, `provider` and `consumer`, each with its name and `-password` as password, and `other`, a second
/// consumer.
package final class TestAgent: Sendable {
    package let folder: TemporaryFolder
    package let agent: Agent
    package let store: Store
    package let contents: FileContentStore
    private let pools: WorkerPools

    package init(limits: AgentLimits = AgentLimits()) async throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path + "/agent.sqlite")
        contents = try FileContentStore(root: folder.path + "/contents")
        let definitions = try DefinitionReader()
        let id = AgentID.random()
        agent = Agent(
            id: id,
            store: store,
            contents: contents,
            key: AgentKey(bytes: Array(repeating: 7, count: 32)),
            outbound: try OutboundGuard(allowing: ["127.0.0.0/8"]),
            definitions: definitions,
            limits: limits
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let workRoot = "/var/tmp/invoke-agent-test-\(AgentID.random().description.prefix(12))"
        let availability = await SandboxProbe(root: workRoot).availability()
        let worker = Worker(
            agent: id,
            store: store,
            contents: contents,
            executor: ProcessExecutor(availability: availability, killGrace: .milliseconds(300)),
            definitions: definitions,
            workRoot: workRoot,
            logger: logger
        )
        pools = WorkerPools(worker: worker, defaultConcurrency: 2)
        _ = try await agent.makeFirstAdmin(username: "admin", password: "admin-password")
        let admin = try await account("admin")
        for (name, role) in [("provider", Role.provider), ("consumer", .consumer), ("other", .consumer)] {
            _ = try await agent.createAccount(
                username: name,
                password: "\(name)-password",
                roles: [role],
                by: admin
            )
        }
    }

    package func account(_ name: String) async throws -> Account {
        try await agent.authenticate(.password(username: name, password: "\(name)-password"))
    }

    /// Runs a test against the router, with workers running beside it.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let router = try Server(agent: agent, version: "test", sandboxProblem: nil).router()
        let application = Application(router: router)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [pools] in try await pools.run() }
            defer { group.cancelAll() }
            return try await application.test(.router, body)
        }
    }
}
