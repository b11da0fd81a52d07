import Glibc
import InvokeExecution
import InvokeModel
import InvokeTesting
import Testing

/// What only containers do; the rest is in the conformance suite.
@Suite(.timeLimit(.minutes(5)), .enabled(if: ContainersUnderTest.isHere)) struct ContainerExecutorTests {
    private func shop(_ change: @escaping (inout ContainerSettings) -> Void = { _ in }) throws -> Workshop {
        let containers = try ContainersUnderTest()
        return try Workshop { root in
            var settings = containers.settings(AgentUnderTest(root: root, killGrace: .seconds(1)))
            change(&settings)
            return containers.executor(settings)
        }
    }

    private func unavailable(_ shop: Workshop, _ attempt: AttemptSpecification) async throws -> String {
        let outcome = try await shop.outcome(attempt)
        guard case .unavailable(let reason) = outcome else { throw Unexpected(outcome: outcome) }
        return reason
    }

    /// What no further attempt would mend.
    private func refused(_ shop: Workshop, _ attempt: AttemptSpecification) async throws -> String {
        let outcome = try await shop.outcome(attempt)
        guard case .refused(let reason) = outcome else { throw Unexpected(outcome: outcome) }
        return reason
    }

    private struct Unexpected: Error { let outcome: Outcome }

    @Test func anImageThatIsMissingIsNamed() async throws {
        let shop = try shop { $0.image = "localhost/nowhere:1" }
        let reason = try await refused(shop, shop.attempt(["true"]))
        #expect(reason.contains("localhost/nowhere:1"), "\(reason)")
        #expect(reason.contains("podman"), "\(reason)")
    }

    @Test func anOperationWithoutAnImageIsToldSo() async throws {
        let shop = try shop { $0.image = nil }
        #expect(try await refused(shop, shop.attempt(["true"])).contains("names no image"))
    }

    @Test func anImageThatCantBePulledIsNamed() async throws {
        let shop = try shop {
            $0.image = "127.0.0.1:1/nowhere:1"
            $0.pulls = true
        }
        let reason = try await unavailable(shop, shop.attempt(["true"]))
        #expect(reason.contains("127.0.0.1:1/nowhere:1") && reason.contains("can't be pulled"), "\(reason)")
    }

    @Test func withoutAnInitAProgramThatIsNotThereIsToldAlike() async throws {
        let shop = try shop { $0.usesInit = false }
        let listener = Listener()
        #expect(try await shop.outcome(shop.attempt(["/nowhere/program"], listener: listener)) == .exited(code: 127))
        #expect(listener.log.contains("/nowhere/program"))
        #expect(try await shop.outcome(shop.attempt(["/etc"])) == .exited(code: 126))
    }

    @Test func aProgramHasNoRightsAndCantWriteToItsImage() async throws {
        let script = """
            id -u; id -G; touch /bin/mine 2>/dev/null && echo wrote
            while read -r name value; do case $name in Cap*|NoNewPrivs:) echo $name $value;; esac; done < /proc/self/status
            """
        let lines = try await shop().output(script).split(separator: "\n").map(String.init)
        if geteuid() == 0 { #expect(lines[0] == lines[1] && (Int(lines[0]) ?? 0) >= 2_000_000) }
        #expect(!lines.contains("wrote"))
        #expect(lines.contains("NoNewPrivs: 1"))
        #expect(lines.count { $0.hasPrefix("Cap") && $0.hasSuffix(" 0000000000000000") } == 5, "\(lines)")
    }

    @Test func everyByteIsKeptWhateverItIs() async throws {
        let shop = try shop()
        let script = #"printf 'a\000b\377c\r\n\n'; head -c 20000 /dev/zero | tr '\000' x; printf '\nno newline'"#
        let attempt = try shop.attempt(["/bin/sh", "-c", script])
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        let expected =
            Array("a\0b".utf8) + [0xFF] + Array("c\r\n\n\(String(repeating: "x", count: 20_000))\nno newline".utf8)
        #expect(try bytes(of: attempt.directory.stdout) == expected)
    }

    @Test func theTimeOfTheProgramCountsFromItsStart() async throws {
        let shop = try shop()
        let attempt = try shop.attempt(["sleep", "3600"], timeout: .seconds(3_600), programTimeout: .seconds(1))
        #expect(try await shop.outcome(attempt) == .timedOut)
    }

    @Test func aSocketThatNobodyServesIsNamed() async throws {
        let executor = try ContainersUnderTest(socket: "/nowhere/engine.sock").executor(
            AgentUnderTest(root: "/nowhere")
        )
        let fault = try #require(await executor.condition().fault)
        #expect(fault.contains("/nowhere/engine.sock"))
    }

    @Test func aForgottenContainerIsGone() async throws {
        let shop = try shop()
        let attempt = try shop.attempt(["true"])
        let executor = try #require(shop.executor as? ContainerExecutor)
        let handle = try await executor.start(attempt)
        #expect(await executor.wait(for: handle) == .exited(code: 0))
        await executor.forget(handle)
        await executor.forget(handle)
        #expect(await executor.wait(for: handle) == .lost)
    }

    @Test func aContainerOfAnotherAgentIsLeftAlone() async throws {
        let (one, other) = (try shop { $0.agent = "one-abcdefghijkl" }, try shop { $0.agent = "other-abcdefghijkl" })
        let attempt = try one.attempt(["/bin/sh", "-c", "until [ -e $INVOKE_OUTPUT_DIR/go ]; do sleep 0.05; done"])
        let listener = try #require(attempt.listener as? Listener)
        let handle = try await one.executor.start(attempt)
        try await eventually(within: .seconds(120)) { !listener.places.isEmpty }

        #expect(try await unavailable(other, attempt).contains("not this agent's"))
        let restarted = try #require(self.shop { $0.agent = "third-abcdefghijkl" }.executor as? ContainerExecutor)
        #expect(try await restarted.resume(attempt) == nil)
        try put("", at: attempt.directory.outputs + "/go")
        #expect(try await one.executor.wait(for: handle) == .exited(code: 0))
    }

    private func bytes(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
