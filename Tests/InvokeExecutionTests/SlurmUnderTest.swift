import Foundation
import Glibc
import InvokeExecution
import Logging
import Testing

extension ExecutorUnderTest {
    static let slurmByREST = slurm("Slurm by REST") { .rest(address: "unix:\($0)/rest", login: nil) }
    static let slurmByCommands = slurm("Slurm by commands") { .commands(SlurmTools(folder: "\($0)/bin")) }

    private static func slurm(
        _ name: String,
        _ connection: @escaping @Sendable (_ cluster: String) -> SlurmSettings.Connection
    ) -> ExecutorUnderTest {
        ExecutorUnderTest(
            testDescription: name,
            isHere: SlurmUnderTest.shared != nil,
            engine: { SlurmUnderTest(folder: try #require(SlurmUnderTest.shared), connection: connection) },
            passingEngine: { try await SlurmUnderTest.ofItsOwn(connection) }
        )
    }
}

/// A cluster that `scripts/slurm-cluster` has started on this machine.
struct SlurmUnderTest: PassingEngine {
    /// Of the cluster's own files.
    let folder: String
    let connection: @Sendable (_ cluster: String) -> SlurmSettings.Connection

    /// The folder of the cluster that all tests share; nil for none.
    static let shared = getenv("INVOKE_TEST_SLURM").map { String(cString: $0) }

    static func ofItsOwn(
        _ connection: @escaping @Sendable (_ cluster: String) -> SlurmSettings.Connection
    ) async throws -> SlurmUnderTest {
        let folder = "/tmp/invoke-slurm-\(UInt32.random(in: 0...UInt32.max))"
        try await cluster("up", folder)
        return SlurmUnderTest(folder: folder, connection: connection)
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
        return settings
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
