import Glibc
import InvokeExecution
import InvokeModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProcessExecutorTests {
    @Test(arguments: [0, 1, 3, 127, 255])
    func anExitCodeIsToldAsItIs(code: Int) async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(["/bin/sh", "-c", "exit \(code)"])
        #expect(try await shop.outcome(attempt) == .exited(code: code))
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func aProgramThatKillsItselfIsToldByItsSignal(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox)
        let attempt = try shop.attempt(["/usr/bin/perl", "-e", "kill 'KILL', $$; sleep 60"])
        #expect(try await shop.outcome(attempt) == .signalled(9))
    }

    @Test func anExitCodeLikeThatOfASignalIsTakenForOneOnlyBehindASandbox() async throws {
        for (sandbox, expected) in [(Sandbox.bubblewrap, Outcome.signalled(15)), (.none, .exited(code: 143))] {
            let shop = try Workshop(sandbox: sandbox)
            #expect(try await shop.outcome(shop.attempt(["/bin/sh", "-c", "exit 143"])) == expected)
        }
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func aProgramThatCantBeExecutedExitsAsShellsSayIt(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox)
        for (program, code) in [("/nowhere/program", 127), ("/usr/bin", 126)] {
            let listener = Listener()
            let attempt = try shop.attempt([program], listener: listener)
            #expect(try await shop.outcome(attempt) == .exited(code: code))
            #expect(listener.log.contains(program))
        }
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func aProgramIsFoundByItsNameAndATextIsForTheShell(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox)
        let named = try shop.attempt(["printf", "found"])
        #expect(try await shop.outcome(named) == .exited(code: 0))
        #expect(text(of: named.directory.stdout) == "found")
        let script = try shop.attempt(["./text", "word"], files: ["text": "echo \"read $1\"\n"])
        #expect(try await shop.outcome(script) == .exited(code: 0))
        #expect(text(of: script.directory.stdout) == "read word\n")
    }

    @Test func withoutASandboxAProgramHasNoRightsDescriptorsOrSignalsOfTheAgent() async throws {
        let shop = try Workshop(sandbox: .none)
        let listener = Listener()
        let script = """
            ls /proc/$$/fd; ulimit -v; ulimit -c; id -u; id -G
            grep -E '^(CapPrm|CapEff|CapInh|CapAmb|NoNewPrivs|SigIgn|SigBlk)' /proc/self/status >&2
            """
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", script],
            resources: Resources(memory: 100 << 20),
            listener: listener
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0), "\(listener.log)")
        let lines = text(of: attempt.directory.stdout).split(separator: "\n").map(String.init)
        #expect(lines.prefix(5) == ["0", "1", "2", "102400", "0"])
        guard geteuid() == 0 else { return }
        #expect(lines.count == 7 && lines[5] == lines[6] && (Int(lines[5]) ?? 0) >= 2_000_000)
        let status = listener.log.split(separator: "\n").filter { $0.contains(":") }
        #expect(status.count { $0.hasSuffix("\t0000000000000000") } == 6, "\(status)")
        #expect(status.contains("NoNewPrivs:\t1"), "\(status)")
    }

    @Test func theSameAttemptIsStartedOnce() async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo once >> $INVOKE_OUTPUT_DIR/count"])
        async let one = shop.executor.start(attempt)
        async let two = shop.executor.start(attempt)
        #expect(try await one == two)
        #expect(try await shop.executor.wait(for: one) == .exited(code: 0))
        #expect(try await shop.executor.wait(for: two) == .exited(code: 0))
        #expect(try await shop.executor.start(attempt) == one)
        #expect(text(of: attempt.directory.outputs + "/count") == "once\n")
    }

    @Test func anUnknownHandleIsLostAndStoppingItIsFine() async throws {
        let shop = try Workshop()
        let handle = ExecutionHandle("process/5-1")
        #expect(try await shop.executor.wait(for: handle) == .lost)
        try await shop.executor.stop(handle)
        try await shop.executor.stop(ExecutionHandle("nonsense"))
    }

    @Test func theTimeIsLimited() async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(["/bin/sleep", "3600"], timeout: .milliseconds(300))
        #expect(try await shop.outcome(attempt) == .timedOut)
    }

    @Test func aProgramIsAskedBeforeItIsEnded() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let script = """
            trap 'echo polite > $INVOKE_OUTPUT_DIR/end; exit 0' TERM
            echo ready
            while :; do sleep 0.05; done
            """
        let attempt = try shop.attempt(["/bin/sh", "-c", script], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("ready")
        try await shop.executor.stop(handle)
        try await shop.executor.stop(handle)
        #expect(try await shop.executor.wait(for: handle) == .stopped)
        #expect(text(of: attempt.directory.outputs + "/end") == "polite\n")
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func nothingSurvivesTheEndOfTheGrace(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox, killGrace: .milliseconds(300))
        let listener = Listener()
        let word = "survivor-\(getpid())-\(sandbox)"
        let program = """
            use POSIX;
            $SIG{TERM} = 'IGNORE';
            if (!fork) { setsid; if (!fork) { setsid; print STDERR "detached\\n"; exec "perl", "-e", "sleep 3600", "\(word)" } exit }
            wait;
            sleep 3600;
            """
        let attempt = try shop.attempt(["/usr/bin/perl", "-e", program], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("detached")
        try await shop.executor.stop(handle)
        #expect(try await shop.executor.wait(for: handle) == .stopped)
        #expect(!someProcessSays(word))
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func whatAProgramLeavesRunningEndsWithIt(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox)
        let word = "orphan-\(getpid())-\(sandbox)"
        let program = """
            use POSIX;
            if (!fork) { setsid; if (!fork) { close STDOUT; close STDERR; exec "perl", "-e", "sleep 3600", "\(word)" } exit }
            wait;
            """
        let attempt = try shop.attempt(["/usr/bin/perl", "-e", program])
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(!someProcessSays(word))
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func aNewAgentEndsWhatAnEarlierOneStarted(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox)
        let listener = Listener()
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo up; sleep 3600"], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("up")
        let other = ProcessExecutor(sandbox: sandbox, availability: .available, killGrace: .milliseconds(200))
        #expect(await other.wait(for: handle) == .lost)
        await other.stop(handle)
        await other.endLeftovers(of: [AttemptName(job: attempt.job, number: attempt.number)])
        // The first one did not end it, and so tells what it saw.
        #expect(try await shop.executor.wait(for: handle) == .signalled(15))
    }

    @Test func whatIgnoresThePoliteSignalOfANewAgentIsEndedAllTheSame() async throws {
        let shop = try Workshop(sandbox: .none)
        let listener = Listener()
        let word = "stubborn-\(getpid())"
        let program = """
            use POSIX;
            $SIG{TERM} = 'IGNORE';
            if (!fork) { setsid; if (!fork) { exec "perl", "-e", "print STDERR 'up'; sleep 3600", "\(word)" } exit }
            wait;
            sleep 3600;
            """
        let attempt = try shop.attempt(["/usr/bin/perl", "-e", program], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("up")
        let other = ProcessExecutor(sandbox: .none, availability: .available, killGrace: .milliseconds(200))
        await other.endLeftovers(of: [AttemptName(job: attempt.job, number: attempt.number)])
        #expect(try await shop.executor.wait(for: handle) == .signalled(9))
        #expect(!someProcessSays(word))
    }

    @Test func theEndOfOneAttemptsLeftoversIsNotThatOfAnother() async throws {
        let shop = try Workshop(sandbox: .none)
        let listener = Listener()
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "echo up; read line < $INVOKE_OUTPUT_DIR/go"],
            listener: listener
        )
        let fifo = attempt.directory.outputs + "/go"
        #expect(mkfifo(fifo, 0o666) == 0)
        #expect(chmod(fifo, 0o666) == 0)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("up")
        let other = ProcessExecutor(sandbox: .none, availability: .available, killGrace: .milliseconds(100))
        await other.endLeftovers(of: [AttemptName(job: attempt.job, number: attempt.number + 1)])
        try put("\n", at: fifo)
        #expect(try await shop.executor.wait(for: handle) == .exited(code: 0))
    }

    @Test func anIdleProgramOutlivesTheTaskThatStartedIt() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo up; sleep 2; echo done"], listener: listener)
        let handle = try await Task.detached { try await shop.executor.start(attempt) }.value
        #expect(try await shop.executor.wait(for: handle) == .exited(code: 0))
        #expect(listener.log == "up\ndone\n")
    }

    @Test func anUnavailableSandboxStartsNothing() async throws {
        let shop = try Workshop()
        let executor = ProcessExecutor(availability: .unavailable("bubblewrap is missing"))
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo ran > $INVOKE_OUTPUT_DIR/ran"])
        #expect(await executor.wait(for: executor.start(attempt)) == .unavailable("bubblewrap is missing"))
        #expect(text(of: attempt.directory.outputs + "/ran") == "")
    }

    @Test func aSandboxThatDoesNotComeUpIsNoFailureOfTheProgram() async throws {
        let shop = try Workshop()
        var tools = ProcessTools()
        tools.bubblewrap = "/usr/bin/false"
        let executor = ProcessExecutor(availability: .available, tools: tools)
        let attempt = try shop.attempt(["/bin/true"])
        guard case .unavailable = await executor.wait(for: executor.start(attempt)) else {
            Issue.record("the launcher's failure was taken for the program's")
            return
        }
    }

    @Test func aFileThatGrowsTooLargeEndsTheAttempt() async throws {
        var limits = ExecutionLimits()
        limits.fileSize = 1 << 20
        let shop = try Workshop(limits: limits)
        let attempt = try shop.attempt([
            "/usr/bin/dd", "if=/dev/zero", "of=/invoke/outputs/large", "bs=64k", "count=64",
        ])
        let outcome = try await shop.outcome(attempt)
        guard case .exceeded(.fileTooLarge, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func outputsThatTakeTooMuchDiskEndTheAttempt() async throws {
        var limits = ExecutionLimits()
        limits.outputs = 4 << 20
        let shop = try Workshop(limits: limits, killGrace: .milliseconds(200))
        let script =
            "for n in 1 2 3 4 5 6 7 8; do dd if=/dev/zero of=$INVOKE_OUTPUT_DIR/$n bs=1M count=1; done; sleep 3600"
        let outcome = try await shop.outcome(shop.attempt(["/bin/sh", "-c", script]))
        guard case .exceeded(.fileTooLarge, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test(arguments: [("XCPU", ErrorCode.deadlinePassed), ("XFSZ", .fileTooLarge)])
    func theSignalsOfResourceLimitsAreToldByTheLimit(signal: String, code: ErrorCode) async throws {
        let shop = try Workshop()
        let outcome = try await shop.outcome(shop.attempt(["/usr/bin/perl", "-e", "kill '\(signal)', $$; sleep 60"]))
        guard case .exceeded(code, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }
}
