import Glibc
import InvokeExecution
import InvokeModel
import Testing

/// What a program must not be able to do; every probe runs inside the real sandbox.
@Suite(.timeLimit(.minutes(5))) struct SandboxTests {
    /// Python that prints the number of the error a system call ends with, or `allowed`.
    private static let call = """
        import ctypes, errno, sys
        libc = ctypes.CDLL(None, use_errno=True)
        def call(*arguments):
            result = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
            return "allowed" if result >= 0 else errno.errorcode[ctypes.get_errno()]

        """

    private func python(_ program: String) async throws -> String {
        try await Workshop().output(["/usr/bin/python3", "-c", Self.call + program])
    }

    @Test func onlyTheThreeStandardDescriptorsAreOpen() async throws {
        let descriptors = try await Workshop().output("ls /proc/$$/fd")
        #expect(descriptors == "0\n1\n2\n")
        let input = try await Workshop().output("stat -L -c %t:%T /proc/self/fd/0 /dev/null")
        #expect(input == "1:3\n1:3\n")
    }

    @Test func nothingOfTheMachineIsWritable() async throws {
        let output = try await Workshop().output(
            """
            for place in / /usr /usr/bin /etc /dev /proc/sys/kernel /invoke /invoke/inputs /home; do
                ( : > $place/probe ) 2>/dev/null && echo $place
            done
            echo checked
            """
        )
        #expect(output == "checked\n")
    }

    @Test func theScratchFoldersAreWritableAndSmall() async throws {
        let output = try await Workshop().output(
            """
            for place in . /tmp /dev/shm "$HOME"; do echo x > $place/probe && cat $place/probe; done
            for place in . /tmp /dev/shm; do df --output=size $place | tail -1; done
            """
        )
        #expect(
            output.split(whereSeparator: \.isWhitespace).map(String.init) == Array(repeating: "x", count: 4) + [
                "65536", "65536", "65536",
            ]
        )
    }

    @Test func filesOfTheHostAreNotThere() async throws {
        let folder = try Workshop.temporaryFolder()
        defer { rmdir(folder) }
        let secret = folder + "/secret"
        try put("secret", at: secret)
        defer { unlink(secret) }
        let output = try await Workshop().output(
            """
            cat \(secret) /etc/shadow /root/.profile /etc/ssl/private/* 2>/dev/null
            ls / /etc
            """
        )
        #expect(!output.contains("secret"))
        let allowed: Set<Substring> = [
            "/:", "/etc:", "bin", "dev", "etc", "home", "invoke", "lib", "lib32", "lib64", "libx32", "proc", "sbin",
            "tmp",
            "usr", "alternatives", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "passwd",
        ]
        #expect(Set(output.split(separator: "\n")).subtracting(allowed) == [])
    }

    /// As root the agent's own files are the probe, because `bwrap --uid` alone would let the program read them.
    @Test func aFileOfTheAgentStaysUnreadableWhereItIsVisible() async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "cat /invoke/outputs/planted && echo read; id -u"],
            stage: { directory in
                try put("secret", at: directory.outputs + "/planted")
                #expect(chmod(directory.outputs + "/planted", geteuid() == 0 ? 0o600 : 0) == 0)
            }
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(text(of: attempt.directory.stdout) == "1000\n")
    }

    @Test func anotherAttemptIsInvisible() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let other = try shop.attempt(["/bin/sh", "-c", "echo up; sleep 3600 # neighbour"], listener: listener)
        let handle = try await shop.executor.start(other)
        await listener.hears("up")
        let output = try await shop.output(
            "ls \(shop.root) \(other.directory.path) 2>/dev/null; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; kill -9 -1; true"
        )
        #expect(!output.contains("# neighbour"))
        #expect(!output.contains("inputs.json"))
        try await shop.executor.stop(handle)
        #expect(try await shop.executor.wait(for: handle) == .stopped)
    }

    @Test func thereIsNoNetwork() async throws {
        let output = try await python(
            """
            import socket
            for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
                try: socket.socket(family, socket.SOCK_RAW if family > 10 else socket.SOCK_STREAM); print("open", family)
                except PermissionError: print("refused")
            socket.socketpair(); print("local works")
            """
        )
        #expect(output == "refused\nrefused\nrefused\nrefused\nlocal works\n")
        let names = try await Workshop().output("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '; hostname")
        #expect(names.split(separator: "\n").filter { $0 != "job" }.allSatisfy { $0 == "lo" || $0.hasSuffix("0") })
        #expect(names.hasSuffix("job\n"))
    }

    #if arch(x86_64)
    @Test(arguments: [
        ("mount", "165, 0, 0, 0, 0, 0"), ("umount2", "166, 0, 0"), ("pivot_root", "155, 0, 0"),
        ("chroot", "161, 0"), ("ptrace", "101, 0, 0, 0, 0"), ("process_vm_readv", "310, 1, 0, 0, 0, 0, 0"),
        ("bpf", "321, 0, 0, 0"), ("perf_event_open", "298, 0, 0, 0, 0, 0"), ("userfaultfd", "323, 0"),
        ("add_key", "248, 0, 0, 0, 0, 0"), ("keyctl", "250, 0, 0, 0, 0, 0"), ("unshare", "272, 0x10000000"),
        ("setns", "308, 0, 0"), ("open_by_handle_at", "304, 0, 0, 0"), ("io_uring_setup", "425, 1, 0"),
        ("init_module", "175, 0, 0, 0"), ("kexec_load", "246, 0, 0, 0, 0"), ("reboot", "169, 0, 0, 0, 0"),
        ("open_tree", "428, -1, 0, 0"), ("fsopen", "430, 0, 0"), ("mount_setattr", "442, 0, 0, 0, 0, 0"),
        ("clone into a new user namespace", "56, 0x10000011, 0, 0, 0, 0"),
        ("personality", "135, 0x0040000"), ("terminal input", "16, 0, 0x5412, 0"),
    ])
    func aDangerousCallIsRefused(name: String, arguments: String) async throws {
        let result = try await python("print(call(\(arguments)))")
        #expect(result == "EPERM\n", "\(name)")
    }

    @Test func clone3IsNotThereAndThreadsStillStart() async throws {
        let output = try await python(
            """
            import threading
            print(call(435, 0, 0), call(135, 0xffffffff))
            thread = threading.Thread(target=lambda: print("thread")); thread.start(); thread.join()
            """
        )
        #expect(output == "ENOSYS allowed\nthread\n")
    }

    @Test func theOtherCallingConventionEndsTheProgram() async throws {
        let shop = try Workshop()
        let program = Self.call + "print(call(0x40000000 + 39))"
        let outcome = try await shop.outcome(shop.attempt(["/usr/bin/python3", "-c", program]))
        #expect(outcome == .signalled(Int(SIGSYS)))
    }
    #endif

    @Test func aProgramHasNoRightsToGain() async throws {
        let output = try await Workshop().output(
            "grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups)' /proc/self/status | tr -s '\\t ' ' '"
        )
        let lines = Set(output.split(separator: "\n").map { $0.trimmingSuffix { $0 == " " } })
        #expect(
            lines.isSuperset(of: [
                "CapInh: 0000000000000000", "CapPrm: 0000000000000000", "CapEff: 0000000000000000",
                "CapBnd: 0000000000000000", "CapAmb: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2",
            ]),
            "\(output)"
        )
    }

    @Test func processesAreLimitedPerAttempt() async throws {
        var limits = ExecutionLimits()
        limits.processes = 20
        let shop = try Workshop(limits: limits)
        let program = """
            my $n = 0;
            while (1) { my $child = fork; last unless defined $child; if (!$child) { sleep 3600; exit } $n++ }
            print $n;
            """
        // Side by side and of the same user: neither takes from what the other may have.
        let one = try shop.attempt(["/usr/bin/perl", "-e", program])
        let two = try shop.attempt(["/usr/bin/perl", "-e", program])
        async let first = shop.outcome(one)
        async let second = shop.outcome(two)
        #expect(try await (first, second) == (.exited(code: 0), .exited(code: 0)))
        for attempt in [one, two] {
            let count = try #require(Int(text(of: attempt.directory.stdout)))
            #expect((10..<20).contains(count))
        }
    }

    @Test func memoryAndFilesAreLimited() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "ulimit -v; ulimit -n; ulimit -c; ulimit -f"],
            resources: Resources(memory: 100 << 20)
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(text(of: attempt.directory.stdout) == "102400\n1024\n0\n131072\n")
        let greedy = try shop.attempt(
            ["/usr/bin/python3", "-c", "x = bytearray(200 << 20)"],
            resources: Resources(memory: 100 << 20),
            listener: listener
        )
        #expect(try await shop.outcome(greedy) == .exited(code: 1))
        #expect(listener.log.contains("MemoryError"))
    }

    @Test func anInputCantBeChangedEvenThroughTheStandardInput() async throws {
        let shop = try Workshop()
        let input = ProgramInput(name: "data", required: true, value: .string("original"))
        let output = try await shop.output(
            "(echo changed > /dev/stdin) 2>/dev/null; (echo changed > $INPUT_FILE_PATH) 2>/dev/null; cat $INPUT_FILE_PATH",
            inputs: [input]
        )
        #expect(output == "original")
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
