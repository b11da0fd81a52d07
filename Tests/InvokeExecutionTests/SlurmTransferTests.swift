import Foundation
import Glibc
import InvokeModel
import InvokeTesting
import Testing

@testable import InvokeExecution

extension CrowdTests {
    /// What only a real cluster shows whose nodes share no folder with the agent.
    @Suite(.timeLimit(.minutes(5)), .enabled(if: SlurmUnderTest.shared != nil)) struct SlurmTransferTests {
        private let shop: Workshop
        private let settings: SlurmSettings
        private let cluster: SlurmUnderTest

        init() throws {
            let root = try Workshop.temporaryFolder() + "/jobs"
            let cluster = SlurmUnderTest(folder: try #require(SlurmUnderTest.shared), sharesFolder: false) {
                .rest(address: "unix:\($0)/rest", login: nil)
            }
            let settings = cluster.settings(AgentUnderTest(root: root, killGrace: .seconds(1)))
            self.settings = settings
            self.cluster = cluster
            shop = try Workshop(root: root, engine: cluster) { _ in SlurmExecutor(settings) }
        }

        @Test func slurmsCommandsDoTheSame() async throws {
            var settings = settings
            settings.connection = .commands(SlurmTools(folder: cluster.folder + "/bin"))
            let executor = SlurmExecutor(settings)
            let attempt = try shop.attempt(["/bin/sh", "-c", "echo said; echo made > $INVOKE_OUTPUT_DIR/made; exit 3"])
            let handle = try await executor.start(attempt)
            #expect(await executor.wait(for: handle) == .exited(code: 3))
            #expect(text(of: attempt.directory.stdout) == "said\n")
            #expect(text(of: attempt.directory.outputs + "/made") == "made\n")
            try await eventually { isGone(attempt) }
        }

        private var address: String { if case .rest(let address, _) = settings.connection { address } else { "" } }

        private func isGone(_ attempt: AttemptSpecification) -> Bool {
            access(SlurmPlace(attempt.directory, settings).nodePath, F_OK) != 0
        }

        @Test func whatIsSubmittedTwiceRunsOnce() async throws {
            let twice = TwiceSubmitting(SlurmREST(address: address, login: nil, logger: settings.logger))
            let executor = SlurmExecutor(settings, controller: twice)
            let ran = shop.root + "/ran"
            let attempt = try shop.attempt(["/bin/sh", "-c", "echo ran >> '\(ran)'; sleep 6"])
            let handle = try await executor.start(attempt)
            #expect(await executor.wait(for: handle) == .exited(code: 0))
            try await eventually(within: .seconds(60)) {
                try await twice.jobs().filter { settings.attempt(ofJobNamed: $0.name) != nil }.allSatisfy(\.hasEnded)
            }
            #expect(text(of: ran) == "ran\n")
            unlink(ran)
            try await eventually { isGone(attempt) }
        }

        @Test func nothingOfAnAttemptStaysOnItsNode() async throws {
            // Not even what its program has locked up, nor what it has made when it is stopped.
            let script = "mkdir -p locked/deep; chmod 0 locked; mkdir $INVOKE_OUTPUT_DIR/empty; echo ready; sleep $1"
            let ended = try shop.attempt(["/bin/sh", "-c", script, "", "0"])
            #expect(try await shop.outcome(ended) == .exited(code: 0))
            try await eventually { isGone(ended) }

            let listener = Listener()
            let stopped = try shop.attempt(["/bin/sh", "-c", script, "", "600"], listener: listener)
            let handle = try await shop.executor.start(stopped)
            await listener.hears("ready")
            try await shop.executor.stop(handle)
            #expect(try await shop.executor.wait(for: handle) == .stopped)
            try await eventually { isGone(stopped) }
        }

        @Test func whatAKilledRunHasLeftTheNextOneRemoves() async throws {
            let listener = Listener()
            let killed = try shop.attempt(["/bin/sh", "-c", "echo ready; sleep 600"], listener: listener)
            let handle = try await shop.executor.start(killed)
            await listener.hears("ready")
            let place = SlurmPlace(killed.directory, settings)
            let mark = try #require(
                FileManager.default.contentsOfDirectory(atPath: place.nodePath).first { $0.hasPrefix("run-") }
            )
            let run = text(of: "\(place.nodePath)/\(mark)").trimmingCharacters(in: .newlines)
            kill(try #require(pid_t(run)), SIGKILL)
            guard case .exceeded(.killedBySignal, _) = try await shop.executor.wait(for: handle) else {
                Issue.record("it was not told as killed")
                return
            }
            #expect(!isGone(killed))
            // Nothing goes on there, neither the program nor what looked after it.
            try await eventually {
                !(try FileManager.default.contentsOfDirectory(atPath: "/proc")).contains {
                    let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")
                    return place?.hasPrefix(SlurmPlace(killed.directory, settings).nodePath) == true
                }
            }
            #expect(try await shop.outcome(shop.attempt(["true"])) == .exited(code: 0))
            #expect(isGone(killed))
        }

        @Test func tooMuchMemoryIsToldInWords() async throws {
            let script = #"much="$(head -c 150000000 /dev/zero | tr '\000' x)"; sleep 20"#
            let attempt = try shop.attempt(["/bin/sh", "-c", script], resources: Resources(memory: 64 << 20))
            let outcome = try await shop.outcome(attempt)
            // The next job on the node would.
            try removeTree(SlurmPlace(attempt.directory, settings).nodePath)
            guard case .exceeded(.killedBySignal, let text) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(text.contains("64 MB"))
        }

        @Test func moreThanTheAgentTakesIsToldInWords() async throws {
            var limits = ExecutionLimits()
            limits.outputs = 1 << 20
            limits.fileSize = 1 << 20
            let settings = cluster.settings(AgentUnderTest(root: shop.root, limits: limits))
            let executor = SlurmExecutor(settings)
            // As much as nodes let pass for a moment, and more than the agent takes.
            let script = "for n in 1 2 3 4 5; do head -c 1000000 /dev/zero > $INVOKE_OUTPUT_DIR/$n; done"
            let handle = try await executor.start(shop.attempt(["/bin/sh", "-c", script]))
            let outcome = await executor.wait(for: handle)
            guard case .exceeded(.fileTooLarge, let words) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(words.contains("1048576"))
        }
    }
}

/// A cluster that takes everything twice, and runs it on two nodes, on one of them a little later than on the other.
private final class TwiceSubmitting: SlurmController {
    private let controller: any SlurmController

    init(_ controller: any SlurmController) { self.controller = controller }

    func submit(_ request: SlurmRequest) async throws -> Int {
        var second = request
        // All nodes of the tests have the same folders.
        let wait = """
            for round in $(seq 2000); do [ ! -s '\(request.folder)/\(request.name)/program.sh' ] || break; sleep 0.1; done
            """
        second.script = request.script.replacing("/tmp/invoke-", with: "/var/tmp/invoke-")
            .replacing("#!/bin/sh\n", with: "#!/bin/sh\n\(wait)\n")
        _ = try await controller.submit(second)
        return try await controller.submit(request)
    }

    func jobs() async throws -> [SlurmJob] { try await controller.jobs() }
    func cancel(_ job: SlurmJobNumber) async throws { try await controller.cancel(job) }
    func cluster() async throws -> SlurmCluster { try await controller.cluster() }
}
