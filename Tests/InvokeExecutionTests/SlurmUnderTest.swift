import Foundation
import Glibc
import InvokeExecution
import InvokeTesting
import Logging
import Testing

extension ExecutorUnderTest {
    static let slurmByREST = slurm("Slurm by REST") { .rest(address: "unix:\($0)/rest", login: nil) }
    static let slurmByCommands = slurm("Slurm by commands") { .commands(SlurmTools(folder: "\($0)/bin")) }

    static let slurmWithoutSharedFolder = slurm("Slurm without a shared folder", sharesFolder: false) {
        .rest(address: "unix:\($0)/rest", login: nil)
    }

    private static func slurm(
        _ name: String,
        sharesFolder: Bool = true,
        _ connection: @escaping @Sendable (_ cluster: String) -> SlurmSettings.Connection
    ) -> ExecutorUnderTest {
        let engine: @Sendable (_ cluster: String) -> SlurmUnderTest = {
            SlurmUnderTest(folder: $0, sharesFolder: sharesFolder, connection: connection)
        }
        return ExecutorUnderTest(
            testDescription: name,
            isHere: SlurmUnderTest.shared != nil,
            engine: { engine(try #require(SlurmUnderTest.shared)) },
            passingEngine: { engine(try await SlurmUnderTest.clusterOfItsOwn()) }
        )
    }
}

/// A cluster that `scripts/slurm-cluster` has started on this machine.
struct SlurmUnderTest: PassingEngine {
    /// Of the cluster's own files.
    let folder: String
    var sharesFolder = true
    let connection: @Sendable (_ cluster: String) -> SlurmSettings.Connection

    /// The folder of the cluster that all tests share; nil for none.
    static let shared = variable("INVOKE_TEST_SLURM")

    /// Starts a cluster, and tells its folder.
    static func clusterOfItsOwn() async throws -> String {
        let folder = "/tmp/invoke-slurm-\(UInt32.random(in: 0...UInt32.max))"
        try await cluster("up", folder)
        return folder
    }

    /// The agent's name is that of its folder, which no other has.
    func executor(_ agent: AgentUnderTest) -> any Executor { SlurmExecutor(settings(agent)) }

    func settings(_ agent: AgentUnderTest) -> SlurmSettings {
        var settings = SlurmSettings(
            connection: connection(folder),
            folder: agent.root,
            label: agent.root,
            logger: Logger(label: "slurm", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        settings.limits = agent.limits
        settings.killGrace = agent.killGrace
        settings.interval = .milliseconds(200)
        guard !sharesFolder else { return settings }
        let transfers = AttemptTransfers(folder: agent.root, limits: agent.limits)
        settings.exchange = .transfers(nodeFolder: Self.nodeFolder) {
            try await TransferServer.shared.url(serving: transfers, of: agent.root)
        }
        return settings
    }

    /// Where attempts have their folders on the nodes, which are this machine.
    private static let nodeFolder = "/tmp"

    func outputs(of attempt: AttemptSpecification) async throws -> String {
        guard !sharesFolder else { return attempt.directory.outputs }
        var found: String?
        try await eventually(within: .seconds(60)) {
            found = try FileManager.default.contentsOfDirectory(atPath: Self.nodeFolder)
                .first { $0.hasPrefix("invoke-") && $0.hasSuffix("-\(attempt.name)") }
                .map { "\(Self.nodeFolder)/\($0)/outputs" }
            return found.map { access($0, F_OK) == 0 } ?? false
        }
        return try #require(found)
    }

    func leave() async throws { try await Self.cluster("leave", folder) }
    func comeBack() async throws { try await Self.cluster("back", folder) }
    func end() async { try? await Self.cluster("down", folder) }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/slurm-cluster").standardizedFileURL

    private static func cluster(_ verb: String, _ folder: String) async throws {
        // Foundation's Process would wait for the daemons too.
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: system("\(script.path) \(verb) \(folder)")) }
        }
        try #require(status == 0, "slurm-cluster \(verb) \(folder)")
    }
}
