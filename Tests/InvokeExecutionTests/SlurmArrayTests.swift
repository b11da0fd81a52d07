import Foundation
import InvokeModel
import InvokeTesting
import Synchronization
import Testing

@testable import InvokeExecution

extension CrowdTests {
    /// Attempts that come together go to the cluster together, and each is nevertheless by itself.
    @Suite(.timeLimit(.minutes(5)), .enabled(if: SlurmUnderTest.shared != nil)) struct SlurmArrayTests {
        private static let count = 24
        private static let ways = [ExecutorUnderTest.slurmByREST, .slurmByCommands]

        @Test(arguments: ways) func attemptsAtOnceAreTasksOfFewArrays(subject: ExecutorUnderTest) async throws {
            try await withClusterOfItsOwn(subject, Self.attemptsAtOnce)
        }

        private static func attemptsAtOnce(_ scene: Scene) async throws {
            let (attempts, handles) = try await scene.start(Self.count)
            #expect(scene.controller.requests.count <= 6, "\(scene.controller.requests)")
            #expect(scene.controller.requests.reduce(0) { $0 + ($1 ?? 1) } == Self.count)
            let tasks = try await scene.ownJobs()
            #expect(tasks.filter { $0.id.task != nil }.count >= Self.count / 2)
            #expect(Set(tasks.map(\.id)).count == Self.count)
            // Those who look into it may read what the cluster keeps.
            #expect(tasks.allSatisfy { $0.name.hasPrefix(scene.settings.prefix) })

            try await eventually(within: .seconds(120)) { attempts.filter(scene.hasBegun).count == 12 }
            // One that runs, and one that waits.
            let running = try #require(attempts.firstIndex(where: scene.hasBegun))
            let waiting = try #require(attempts.lastIndex { !scene.hasBegun($0) })
            let stopped = [running, waiting]
            for index in stopped { await scene.executor.stop(handles[index]) }
            for index in stopped { #expect(await scene.executor.wait(for: handles[index]) == .stopped) }
            for attempt in attempts { try await scene.shop.letGo(attempt) }
            for index in attempts.indices where !stopped.contains(index) {
                #expect(await scene.executor.wait(for: handles[index]) == .exited(code: 7))
                #expect(scene.starts(of: attempts[index]) == "\(index)\n")
            }
            #expect(!scene.hasBegun(attempts[waiting]))
            for handle in handles { await scene.executor.forget(handle) }
            #expect(scene.arrays() == [])
        }

        @Test(arguments: ways) func ofManyThatWaitAnyCanBeStopped(subject: ExecutorUnderTest) async throws {
            try await withClusterOfItsOwn(subject) { scene in
                // Three run at a time. What is left of the others is more than slurmrestd tells of.
                let (attempts, handles) = try await scene.start(80, cpus: 16)
                let stopped = Array(stride(from: 10, to: 80, by: 2))
                for index in stopped { await scene.executor.stop(handles[index]) }
                for index in stopped { #expect(await scene.executor.wait(for: handles[index]) == .stopped) }
                let left = try await scene.ownJobs().filter { !$0.hasEnded }
                #expect(left.count >= 45)
                // From the end on, so that none of them begins meanwhile.
                for handle in handles.reversed() { await scene.executor.stop(handle) }
                for handle in handles {
                    let outcome = await scene.executor.wait(for: handle)
                    #expect(outcome == .stopped, "\(outcome)")
                }
                #expect(attempts.filter(scene.hasBegun).count <= 10)
            }
        }

        @Test(arguments: ways) func aNewAgentFindsEachTaskAndEndsTheRest(subject: ExecutorUnderTest) async throws {
            try await withClusterOfItsOwn(subject, Self.aNewAgent)
        }

        private static func aNewAgent(_ scene: Scene) async throws {
            let (attempts, _) = try await scene.start(Self.count)
            try await eventually(within: .seconds(120)) { attempts.contains(where: scene.hasBegun) }
            // Half of them are over for the agent: their folders are gone when it starts again.
            let (kept, left) = (attempts.prefix(Self.count / 2), attempts.suffix(Self.count / 2))
            let controller = CountingController(scene.settings)
            let after = SlurmExecutor(scene.settings, controller: controller)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for attempt in kept {
                    group.addTask {
                        let found = try await after.resume(attempt)
                        #expect(found != nil)
                    }
                }
                try await group.waitForAll()
            }
            // All ask the same, and need not ask it one by one.
            #expect(controller.questions <= kept.count / 2)
            for attempt in left { try attempt.directory.remove() }
            await after.endLeftovers(except: Set(kept.map(\.name)))
            try await eventually(within: .seconds(120)) {
                try await scene.ownJobs().filter { !$0.hasEnded }.count <= kept.count
            }
            for attempt in kept { try await scene.shop.letGo(attempt) }
            for (index, attempt) in kept.enumerated() {
                let handle = SlurmExecutor.handle(attempt.name)
                #expect(await after.wait(for: handle) == .exited(code: 7))
                #expect(scene.starts(of: attempt) == "\(index)\n")
                await after.forget(handle)
            }
            #expect(scene.arrays() == [])
        }

        @Test(arguments: ways, [0, 4]) func aClusterMayTakeNoArraysOrShortOnes(
            subject: ExecutorUnderTest,
            longest: Int
        ) async throws {
            let scene = try Scene(subject.engine(), longest: longest)
            for _ in 1...(longest == 0 ? 5 : 3) {
                let (attempts, handles) = try await scene.start(Self.count, cpus: 1, "exit 7")
                for (attempt, handle) in zip(attempts, handles) {
                    #expect(await scene.executor.wait(for: handle) == .exited(code: 7))
                    #expect(scene.starts(of: attempt).count >= 2)
                    await scene.executor.forget(handle)
                }
            }
            #expect(scene.arrays() == [])
            // What it does not take is asked of it a few times, not for ever.
            let refused = scene.controller.requests.compactMap(\.self).filter { $0 > longest }
            #expect((1...5).contains(refused.count), "\(refused)")
            #expect(refused == refused.sorted(by: >))
            let taken = scene.controller.requests.compactMap(\.self).filter { $0 <= longest }
            #expect(taken.isEmpty == (longest == 0), "\(scene.controller.requests)")
        }

        @Test(arguments: ways) func whatTheClusterSaysOfAnArrayThatIsTooLong(subject: ExecutorUnderTest) async throws {
            let scene = try Scene(subject.engine())
            let attempt = SlurmAttempt(try scene.shop.attempt(["true"]), scene.settings)
            try attempt.prepare(agentURL: nil)
            let request = SlurmRequest(
                array: "array-0",
                of: Array(repeating: attempt, count: SlurmArrays.most + 2),
                demand: attempt.request.demand,
                settings: scene.settings
            )
            try put(request.script, at: request.scriptPath)
            let fault = await #expect(throws: SlurmFault.self) { try await scene.controller.submit(request) }
            guard case .refused(let text) = fault else {
                Issue.record("\(String(describing: fault))")
                return
            }
            #expect(text.contains("Invalid job array specification"))
        }

        @Test(arguments: ways) func aRefusalOfAllIsToldToEach(subject: ExecutorUnderTest) async throws {
            let scene = try Scene(subject.engine(), partition: "nowhere")
            let (_, handles) = try await scene.start(Self.count)
            for handle in handles {
                guard case .refused(let text) = await scene.executor.wait(for: handle) else {
                    Issue.record("it was not refused")
                    continue
                }
                #expect(text.contains("partition nowhere"))
            }
            #expect(scene.controller.requests.count <= 12, "\(scene.controller.requests)")
            #expect(scene.arrays() == [])
        }

        @Test(arguments: ways) func aLostAnswerToAnArrayStartsNothingTwice(subject: ExecutorUnderTest) async throws {
            let scene = try Scene(subject.engine(), forgets: true)
            let (attempts, handles) = try await scene.start(Self.count, cpus: 1, "exit 7")
            for (index, handle) in handles.enumerated() {
                #expect(await scene.executor.wait(for: handle) == .exited(code: 7))
                #expect(scene.starts(of: attempts[index]) == "\(index)\n")
            }
            #expect(
                scene.controller.requests.reduce(0) { $0 + ($1 ?? 1) } == Self.count,
                "\(scene.controller.requests)"
            )
        }
    }
}

/// In a cluster that nobody else fills twelve of its programs run at a time.
private func withClusterOfItsOwn(
    _ subject: ExecutorUnderTest,
    _ body: (Scene) async throws -> Void
) async throws {
    let makeEngine = try #require(subject.passingEngine)
    let engine = try await makeEngine()
    do { try await body(Scene(engine)) } catch {
        await engine.end()
        throw error
    }
    await engine.end()
}

/// An agent whose submissions are counted.
private struct Scene {
    let settings: SlurmSettings
    let controller: CountingController
    let executor: SlurmExecutor
    let shop: Workshop

    init(
        _ engine: any EngineUnderTest,
        partition: String? = nil,
        longest: Int = .max,
        forgets: Bool = false
    ) throws {
        let root = try Workshop.temporaryFolder() + "/jobs"
        let cluster = try #require(engine as? SlurmUnderTest)
        var settings = cluster.settings(AgentUnderTest(root: root, killGrace: .seconds(1)))
        settings.partition = partition
        self.settings = settings
        controller = CountingController(settings, longest: longest, forgets: forgets)
        executor = SlurmExecutor(settings, controller: controller)
        shop = try Workshop(root: root) { [executor] _ in executor }
    }

    /// Starts attempts at once, which write down their number and then do as they are told.
    func start(
        _ count: Int,
        cpus: Double = 4,
        _ rest: String = "until [ -e $INVOKE_OUTPUT_DIR/go ]; do sleep 0.2; done; exit 7"
    ) async throws -> ([AttemptSpecification], [ExecutionHandle]) {
        let attempts = try (0..<count).map { index in
            try shop.attempt(
                ["/bin/sh", "-c", "echo \(index) >> $INVOKE_OUTPUT_DIR/starts; \(rest)"],
                resources: Resources(cpus: cpus, memory: 64 << 20),
                timeout: .seconds(280)
            )
        }
        let handles = try await withThrowingTaskGroup(of: (Int, ExecutionHandle).self) { group in
            for (index, attempt) in attempts.enumerated() {
                group.addTask { (index, try await executor.start(attempt)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return (attempts, try (0..<count).map { try #require(handles[$0]) })
    }

    func starts(of attempt: AttemptSpecification) -> String { text(of: attempt.directory.outputs + "/starts") }
    func hasBegun(_ attempt: AttemptSpecification) -> Bool { !starts(of: attempt).isEmpty }

    func ownJobs() async throws -> [SlurmJob] {
        try await controller.jobs().filter { $0.name.hasPrefix(settings.prefix) }
    }

    /// The folders of arrays that are there.
    func arrays() -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: shop.root)
        return (names ?? []).filter { SlurmArrays.isArray($0) }
    }
}

/// Counts what a cluster is asked for; it may take only short arrays, and may lose its first answer to one.
private final class CountingController: SlurmController {
    private let controller: any SlurmController
    private let longest: Int
    private let counted = Mutex<[Int?]>([])
    private let asked = Mutex(0)
    private let forgets: Mutex<Bool>

    init(_ settings: SlurmSettings, longest: Int = .max, forgets: Bool = false) {
        controller = SlurmExecutor.controller(settings)
        self.longest = longest
        self.forgets = Mutex(forgets)
    }

    /// How many tasks each submission had, in order; nil for those that were no arrays.
    var requests: [Int?] { counted.withLock { $0 } }

    /// How often it was asked for all jobs.
    var questions: Int { asked.withLock { $0 } }

    func submit(_ request: SlurmRequest) async throws -> Int {
        counted.withLock { $0.append(request.tasks) }
        if let tasks = request.tasks, tasks > longest { throw SlurmFault.refused("Invalid job array specification") }
        let job = try await controller.submit(request)
        let isLost = forgets.withLock { forgets in
            guard forgets, request.tasks != nil else { return false }
            forgets = false
            return true
        }
        if isLost { throw SlurmFault.unanswered("the answer was lost") }
        return job
    }

    func jobs() async throws -> [SlurmJob] {
        asked.withLock { $0 += 1 }
        return try await controller.jobs()
    }

    func cancel(_ job: SlurmJobNumber) async throws { try await controller.cancel(job) }
    func cluster() async throws -> SlurmCluster { try await controller.cluster() }
}
