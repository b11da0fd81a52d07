import Foundation
import Glibc
import InvokeExecution
import InvokeModel
import InvokeTesting
import Logging
import Testing

extension ExecutorUnderTest {
    static let kubernetes = ExecutorUnderTest(
        testDescription: "Kubernetes",
        isHere: KubernetesUnderTest.shared != nil,
        engine: { try KubernetesUnderTest(folder: try #require(KubernetesUnderTest.shared)) },
        passingEngine: { try await PassingKubernetes() }
    )
}

/// The cluster that `scripts/test-engines`, or `scripts/kubernetes-cluster`, has started on this machine.
struct KubernetesUnderTest: EngineUnderTest {
    /// Of the cluster's own files.
    let folder: String
    let image: String

    /// The folder of the cluster that all tests share; nil for none.
    static let shared = variable("INVOKE_TEST_KUBERNETES")

    init(folder: String) throws {
        self.folder = folder
        image = try #require(variable("INVOKE_TEST_KUBERNETES_IMAGE"))
    }

    func executor(_ agent: AgentUnderTest) throws -> any Executor { KubernetesExecutor(try settings(agent)) }

    /// The agents of one root are the same; each root has a random part in its path.
    func settings(_ agent: AgentUnderTest) throws -> KubernetesSettings {
        var settings = KubernetesSettings(
            access: try KubernetesAccess(kubeconfig: folder + "/kubeconfig"),
            folder: agent.root,
            label: agent.root.split(separator: "/").dropLast().last.map {
                $0.utf8.map { String($0, radix: 16) }.joined()
            } ?? "",
            agentURL: { [transfers = AttemptTransfers(folder: agent.root, limits: agent.limits), root = agent.root] in
                try await TransferServer.shared.url(serving: transfers, of: root)
            },
            transferImage: image,
            logger: Logger(label: "kubernetes", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        settings.image = image
        settings.limits = agent.limits
        settings.killGrace = agent.killGrace
        settings.interval = .milliseconds(200)
        return settings
    }

    /// Where kubelet keeps the folder that the program of an attempt writes to, as long as its pod has not ended.
    func outputs(of attempt: AttemptSpecification) async throws -> String {
        let pods = folder + "/pods"
        var found: String?
        try await eventually(within: .seconds(120)) {
            found = try FileManager.default.contentsOfDirectory(atPath: pods)
                .map { "\(pods)/\($0)/volumes/kubernetes.io~empty-dir" }
                .first { text(of: $0 + "/work/program.sh").contains("INVOKE_JOB_ID='\(attempt.job)'") }
            return found != nil
        }
        return try #require(found) + "/outputs"
    }
}

/// A cluster whose API can be taken away: a stand-in of a test's own or, where the tests have a real one, that one.
actor PassingKubernetes: PassingEngine {
    private let cluster: KubernetesUnderTest
    /// The process of the stand-in; nil for a real cluster.
    private var double: pid_t?

    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts").standardized

    init() async throws {
        guard variable("INVOKE_TEST_KUBERNETES_HOST") == nil else {
            cluster = try KubernetesUnderTest(folder: try #require(KubernetesUnderTest.shared))
            return
        }
        let folder = try Workshop.temporaryFolder()
        let shared = try #require(KubernetesUnderTest.shared)
        double = try spawn(
            "/usr/bin/env",
            ["KUBERNETES_DOUBLE_ROOT=\(shared)/root", Self.scripts.appending(path: "kubernetes-double").path, folder]
        )
        try await eventually(within: .seconds(60)) { access(folder + "/kubeconfig", R_OK) == 0 }
        cluster = try KubernetesUnderTest(folder: folder)
    }

    nonisolated func executor(_ agent: AgentUnderTest) throws -> any Executor { try cluster.executor(agent) }
    nonisolated func outputs(of attempt: AttemptSpecification) async throws -> String {
        try await cluster.outputs(of: attempt)
    }

    func leave() async throws { try await tell(SIGUSR1, "leave", until: false) }
    func comeBack() async throws { try await tell(SIGUSR2, "back", until: true) }

    func end() {
        guard let double else { return }
        kill(double, SIGTERM)
        waitpid(double, nil, 0)
        self.double = nil
        try? FileManager.default.removeItem(atPath: cluster.folder)
    }

    private func tell(_ signal: Int32, _ verb: String, until isThere: Bool) async throws {
        if let double {
            kill(double, signal)
        } else {
            let script = try spawn(Self.scripts.appending(path: "kubernetes-cluster").path, [verb, cluster.folder])
            waitpid(script, nil, 0)
        }
        let asked = try cluster.executor(AgentUnderTest(root: "/nowhere/asked"))
        try await eventually(within: .seconds(60)) { (await asked.condition().fault == nil) == isThere }
    }
}
