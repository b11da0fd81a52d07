import Foundation
import Glibc
import InvokeModel
import InvokeTesting
import Testing

@testable import InvokeExecution

extension CrowdTests {
    /// Images that lie as archives and folders on this machine; what the engine has of them is counted.
    @Suite(.timeLimit(.minutes(5)), .enabled(if: ContainersUnderTest.isHere))
    final class ContainerImageTests: Sendable {
        private let folder: String
        private let containers: ContainersUnderTest
        private let engine: ContainerEngine

        init() throws {
            folder = try Workshop.temporaryFolder()
            containers = try ContainersUnderTest()
            engine = ContainerEngine(socket: containers.socket)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        /// An agent with the folder, as it is after each start.
        private func shop(images: Bool = true) throws -> Workshop {
            try Workshop { root in
                var settings = containers.settings(AgentUnderTest(root: root, killGrace: .seconds(1)))
                settings.images = images ? folder : nil
                return containers.executor(settings)
            }
        }

        /// A root file system with a file of its own, as a folder or as an archive.
        private func put(_ mark: String, in name: String) throws {
            let place = "\(folder)/\(name)"
            let root = name.hasSuffix(".tar") ? place + ".root" : place
            if access(root, F_OK) != 0 { try run("cp", ["-a", ContainersUnderTest.variable("ROOT"), root]) }
            try InvokeExecutionTests.put(mark, at: root + "/mark")
            if root != place { try run("tar", ["-C", root, "-cf", place, "."]) }
        }

        private func run(_ program: String, _ arguments: [String]) throws {
            var status: Int32 = 0
            let process = try spawn("/usr/bin/env", [program] + arguments)
            try #require(waitpid(process, &status, 0) == process && status == 0)
        }

        private func said(_ shop: Workshop, _ image: String, _ script: String = "cat /mark") async throws -> String {
            let attempt = try shop.attempt(["/bin/sh", "-c", script], image: image)
            return try await said(shop, attempt, shop.executor.start(attempt))
        }

        /// Of an attempt that is forgotten then: nothing keeps its image.
        private func said(
            _ shop: Workshop,
            _ attempt: AttemptSpecification,
            _ handle: ExecutionHandle
        ) async throws -> String {
            let outcome = try await shop.executor.wait(for: handle)
            try #require(outcome == .exited(code: 0), "\(outcome)")
            await (shop.executor as? ContainerExecutor)?.forget(handle)
            return text(of: attempt.directory.stdout)
        }

        private func refusal(_ shop: Workshop, _ image: String) async throws -> String {
            guard case .refused(let reason) = try await shop.outcome(shop.attempt(["true"], image: image)) else {
                return ""
            }
            return reason
        }

        /// What the engine has of an image, by its numbers.
        private func kept(_ name: String) async throws -> [String] {
            var numbers: [String] = []
            for image in try await engine.images(of: ImageFile(name, in: folder).repository) {
                numbers.append(
                    try await engine.ask("/images/\(ContainerEngine.encoded(image))/json")["Id"]?.string ?? ""
                )
            }
            return numbers
        }

        /// How many images have lost their name to another.
        private func nameless() async throws -> Int {
            let filters: JSON = ["dangling": ["true"]]
            return try await engine.ask("/images/json?filters=\(ContainerEngine.encoded(filters.text))").array?.count
                ?? 0
        }

        private func remove(_ names: String...) async throws {
            for name in names {
                for image in try await engine.images(of: ImageFile(name, in: folder).repository) {
                    try await engine.removeImage(image)
                }
            }
        }

        @Test(arguments: ["./root", "./systems/Root_1.tar"]) func aRootFileSystemIsRun(name: String) async throws {
            try FileManager.default.createDirectory(atPath: folder + "/systems", withIntermediateDirectories: true)
            try put("one", in: name)
            #expect(try await said(shop(), name) == "one")
            let first = try await kept(name)
            #expect(first.count == 1)
            // Neither by the same agent nor by one that has been started again.
            #expect(try await said(shop(), name) == "one")
            #expect(try await kept(name) == first)

            try put("two", in: name)
            #expect(try await said(shop(), name) == "two")
            let second = try await kept(name)
            #expect(second.count == 1 && second != first)
            try await remove(name)
            #expect(try await said(shop(), name) == "two")
            try await remove(name)
        }

        @Test func aSavedImageIsRun() async throws {
            try run("cp", [ContainersUnderTest.variable("SAVED"), folder + "/saved.tar"])
            #expect(try await said(shop(), "./saved.tar", "echo ran") == "ran\n")
            #expect(try await kept("./saved.tar").count == 1)
            try await remove("./saved.tar")
            #expect(try await engine.hasImage(containers.image))
        }

        @Test func programsFindTheFolderAsItIs() async throws {
            try put("one", in: "root")
            let root = folder + "/root"
            try run("ln", [root + "/mark", root + "/second"])
            try run("ln", ["-s", "/mark", root + "/link"])
            try run("chmod", ["4711", root + "/bin/true"])
            try run("touch", ["-d", "@1000000000", root + "/mark"])
            try run("mkfifo", [root + "/pipe"])
            if geteuid() == 0 { try run("chown", ["1234:5678", root + "/mark"]) }
            let script = """
                cat /second /link; echo; ls -l /bin/true | cut -c 1-10; ls -ln --time-style=+%s /mark | cut -d ' ' -f 2-4,6
                [ /mark -ef /second ] && echo same; [ -e /pipe ] || echo none
                """
            let owner = geteuid() == 0 ? "1234 5678" : "0 0"
            let expected = "oneone\n-rws--x--x\n2 \(owner) 1000000000\nsame\nnone\n"
            #expect(try await said(shop(), "./root", script) == expected)
            try await remove("./root")
        }

        @Test func manyAtOnceWaitForOne() async throws {
            try put("one", in: "root")
            let (shop, before) = (try shop(), try await nameless())
            let all = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await self.said(shop, "./root") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(all == Array(repeating: "one", count: 20))
            #expect(try await nameless() == before)
            try await remove("./root")
        }

        @Test func whatAContainerUsesIsKeptUntilTheNext() async throws {
            try put("one", in: "root")
            let shop = try shop()
            let script = "until [ -e $INVOKE_OUTPUT_DIR/go ]; do sleep 0.05; done; cat /mark"
            let attempt = try shop.attempt(["/bin/sh", "-c", script], image: "./root")
            let listener = try #require(attempt.listener as? Listener)
            let handle = try await shop.executor.start(attempt)
            try await eventually(within: .seconds(60)) { !listener.places.isEmpty }
            try put("two", in: "root")
            #expect(try await said(shop, "./root") == "two")
            #expect(try await kept("./root").count == 2)
            try InvokeExecutionTests.put("", at: attempt.directory.outputs + "/go")
            #expect(try await said(shop, attempt, handle) == "one")
            try put("three", in: "root")
            let third = try await said(shop, "./root")
            #expect(third == "three")
            #expect(try await kept("./root").count == 1)
            try await remove("./root")
        }

        @Test func namesLeadNowhereElse() async throws {
            try put("one", in: "root")
            let inner = folder + "/inner"
            try run("mkdir", [inner])
            try run("ln", ["-s", "../root", inner + "/link"])
            let shop = try Workshop { root in
                var settings = containers.settings(AgentUnderTest(root: root))
                settings.images = inner
                return containers.executor(settings)
            }
            for name in ["./../root", "./link", "./link/bin", "./.", "./"] {
                #expect(try await refusal(shop, name).contains("'\(name)' can't be used: it leads out"), "\(name)")
            }
            try run("mkfifo", [inner + "/pipe"])
            #expect(try await refusal(shop, "./pipe").contains("neither a file nor a folder"))
            #expect(try await refusal(shop, "./nothing").contains("no such archive or folder"))
            #expect(try await refusal(self.shop(images: false), "./root").contains("engines.container.images"))
        }

        @Test func anArchiveThatIsDamagedIsToldInTheEnginesWords() async throws {
            try put("one", in: "root.tar")
            try run("cp", [ContainersUnderTest.variable("SAVED"), folder + "/saved.tar"])
            for name in ["root.tar", "saved.tar"] {
                #expect(truncate("\(folder)/\(name)", 3_000_000) == 0)
                let reason = try await refusal(shop(), "./\(name)")
                #expect(reason.contains("'./\(name)'") && reason.contains("unexpected EOF"), "\(reason)")
            }
            try run("gzip", [folder + "/root.tar"])
            #expect(try await refusal(shop(), "./root.tar.gz").contains("compressed"))
        }
    }
}
