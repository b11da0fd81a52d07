import InvokeModel
import Synchronization
import Testing

@testable import InvokeExecution

/// What only a real cluster shows.
@Suite(.timeLimit(.minutes(5)), .enabled(if: SlurmUnderTest.shared != nil)) struct SlurmTests {
    private let shop: Workshop
    private let settings: SlurmSettings

    init() throws {
        let root = try Workshop.temporaryFolder() + "/jobs"
        let cluster = SlurmUnderTest(folder: try #require(SlurmUnderTest.shared)) {
            .rest(address: "unix:\($0)/rest", login: nil)
        }
        let settings = cluster.settings(AgentUnderTest(root: root))
        self.settings = settings
        shop = try Workshop(root: root) { _ in SlurmExecutor(settings) }
    }

    @Test func aLostAnswerIsNoLostJobAndNoSecondOne() async throws {
        let forgetful = ForgetfulController(SlurmREST(address: address, login: nil, logger: settings.logger))
        let executor = SlurmExecutor(settings, controller: forgetful)
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo ran >> $INVOKE_OUTPUT_DIR/ran"])
        let handle = try await executor.start(attempt)
        #expect(await executor.wait(for: handle) == .exited(code: 0))
        #expect(text(of: attempt.directory.outputs + "/ran") == "ran\n")
        #expect(forgetful.submissions.withLock { $0 } == 1)
    }

    @Test func whatTheClusterNeverRunsFailsAtOnce() async throws {
        let demands = [Resources(cpus: 99), Resources(memory: 1 << 40), Resources(gpus: 9)]
        for resources in demands {
            let outcome = try await shop.outcome(shop.attempt(["true"], resources: resources))
            guard case .refused(let text) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(text.contains("\(resources.cpus == 99 ? "99" : "1") CPUs"), "\(text)")
        }
    }

    @Test func tooMuchMemoryIsToldInWords() async throws {
        let script = #"much="$(head -c 150000000 /dev/zero | tr '\000' x)"; sleep 20"#
        let outcome = try await shop.outcome(
            shop.attempt(["/bin/sh", "-c", script], resources: Resources(memory: 64 << 20))
        )
        guard case .exceeded(.killedBySignal, let text) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(text.contains("64 MB"))
    }

    private var address: String { if case .rest(let address, _) = settings.connection { address } else { "" } }
}

/// Loses the first answer to a submission that the cluster has taken.
private final class ForgetfulController: SlurmController {
    let submissions = Mutex(0)
    private let controller: any SlurmController

    init(_ controller: any SlurmController) { self.controller = controller }

    func submit(_ request: SlurmRequest) async throws -> Int {
        let job = try await controller.submit(request)
        let isFirst = submissions.withLock { count in
            count += 1
            return count == 1
        }
        guard !isFirst else { throw SlurmFault.unanswered("the answer was lost") }
        return job
    }

    func jobs() async throws -> [SlurmJob] { try await controller.jobs() }
    func cancel(_ job: SlurmJobNumber) async throws { try await controller.cancel(job) }
    func cluster() async throws -> SlurmCluster { try await controller.cluster() }
}
