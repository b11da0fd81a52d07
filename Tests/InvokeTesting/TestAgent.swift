import Foundation
import Hummingbird
package import HummingbirdTesting
package import InvokeAgent
package import InvokeAssets
import InvokeExecution
package import InvokeHTTP
package import InvokeModel
package import InvokeOutbound
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
    package let profile: AgentProfile
    package let outbound: OutboundGuard
    private let pools: WorkerPools
    private let workRoot: String

    /// The passwords as they are stored, with scrypt at its cheapest: most tests are not about passwords.
    private static let passwords = [
        "admin": "01010101010101010101010101010101$78374d515da78b4fd3ca232c69798e89337e89db725a69fa9aafd6279d2453b3",
        "provider": "02020202020202020202020202020202$26ca22825268a9dec1c98d8c7c7249abd5a0aaf3b6d4e2b84e5a74e4ffdcdb61",
        "consumer": "03030303030303030303030303030303$d0cb8d15a5e6b90120a31c9f88b6b501ba871766e43e5ebb28cd72527e1a1050",
        "other": "04040404040404040404040404040404$2f0041f36b492036e1bd26295499871e2fe32c290009769d12dad1d82e465b53",
    ]

    package init(limits: AgentLimits = AgentLimits(), isDemo: Bool = false) async throws {
        profile = AgentProfile(name: "test", description: "An agent to test with.", version: "test", isDemo: isDemo) {
            "https://agent.example"
        }
        folder = try TemporaryFolder()
        store = try Store(path: folder.path + "/agent.sqlite")
        contents = try FileContentStore(root: folder.path + "/contents")
        let definitions = try DefinitionReader()
        let id = AgentID.random()
        let outbound = try OutboundGuard(allowing: ["127.0.0.0/8"])
        self.outbound = outbound
        agent = Agent(
            id: id,
            store: store,
            contents: contents,
            key: AgentKey(bytes: Array(repeating: 7, count: 32)),
            outbound: outbound,
            definitions: definitions,
            limits: limits
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        workRoot = "/var/tmp/invoke-agent-test-\(AgentID.random().description.prefix(12))"
        let worker = Worker(
            agent: id,
            store: store,
            contents: contents,
            engines: Engines([
                .process: ProcessExecutor(availability: await Self.sandbox.value, killGrace: .milliseconds(300))
            ]),
            definitions: definitions,
            folders: WorkFolders(disk: workRoot),
            logger: logger,
            calls: Self.calls(of: agent, outbound),
            startChild: agent.startChild,
            scriptEnvironment: agent.scriptEnvironment
        )
        pools = WorkerPools(worker: worker, defaultConcurrency: 2)
        let roles: [String: Set<Role>] = ["admin": [.admin, .provider, .consumer], "provider": [.provider]]
        for (name, password) in Self.passwords.sorted(by: { $0.key < $1.key }) {
            _ = try await store.createAccount(
                username: name,
                publicID: .random(),
                passwordHash: "scrypt$2$1$\(password)",
                roles: roles[name] ?? [.consumer]
            )
        }
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: workRoot)
    }

    package func account(_ name: String) async throws -> Account {
        try await agent.authenticate(authorization: basic(name, "\(name)-password"))
    }

    /// Runs a test against the router, with workers running beside it; pages of `origins` may call it.
    package func run<Value: Sendable>(
        origins: Set<String> = [],
        engines: @escaping Server.EngineConditions = { [] },
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let router = try Server(
            agent: agent,
            profile: profile,
            sandboxProblem: nil,
            origins: origins,
            engines: engines
        ).router()
        let application = Application(router: router)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [pools] in try await pools.run() }
            defer { group.cancelAll() }
            return try await application.test(.router, body)
        }
    }
}

/// The `Authorization` header of a name and a password.
package func basic(_ username: String, _ password: String) -> String {
    "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
}
