import InvokeExecution
import InvokeModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutputDrainTests {
    @Test func progressIsToldAndNotLogged() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let script = """
            printf 'one\\n::progress 0\\ntwo\\n::progre'; sleep 0.1; printf 'ss 42 half way\\n::progress 101 no\\n'
            printf '::progress x\\n ::progress 3\\n::progress 100 done'
            """
        let attempt = try shop.attempt(["/bin/sh", "-c", script], listener: listener)
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        let rest = "one\ntwo\n::progress 101 no\n::progress x\n ::progress 3\n"
        #expect(listener.progress == ["0 ", "42 half way", "100 done"])
        #expect(listener.log == rest)
        #expect(text(of: attempt.directory.stdout) == rest)
    }

    @Test func progressOnStandardErrorCountsToo() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "echo '::progress 7 seven' >&2; echo oops >&2"],
            listener: listener
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(listener.progress == ["7 seven"])
        #expect(listener.log == "oops\n")
        #expect(text(of: attempt.directory.stdout) == "")
    }

    @Test func aVeryLongProgressLineIsNoProgress() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let program = "print '::progress 5 ' . 'x' x 5000 . qq(\\n::progress 6\\n)"
        let attempt = try shop.attempt(["/usr/bin/perl", "-e", program], listener: listener)
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(listener.progress == ["6 "])
        #expect(listener.log == "::progress 5 " + String(repeating: "x", count: 5000) + "\n")
    }

    @Test func endlessOutputIsReadCountedAndDropped() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let program = """
            $| = 1; print STDERR "begin\\n";
            for (1..200) { print 'x' x (1 << 20) } print "\\n::progress 99 near\\n";
            print STDERR "end\\n";
            """
        let attempt = try shop.attempt(["/usr/bin/perl", "-e", program], listener: listener)
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(listener.progress == ["99 near"])
        let kept = text(of: attempt.directory.stdout).utf8.count
        #expect(kept == 1 << 20 + 1)
        #expect(Int(text(of: attempt.directory.stdoutDropped)) == 200 << 20 + 1 - kept)
        #expect(listener.log.utf8.count < 260 << 10)
        #expect(listener.log.contains("begin\n") && listener.log.contains("end\n"))
        #expect(listener.log.contains("bytes left out]"))
        #expect(throws: OutputFault.self) {
            try OutputCollector().collect([OutputDeclaration(name: "text", type: .string)], from: attempt.directory)
        }
    }

    @Test func aClosedStandardOutputIsNoEnd() async throws {
        let shop = try Workshop()
        let listener = Listener()
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "exec >&- 2>&-; sleep 0.3; echo late > $INVOKE_OUTPUT_DIR/late; exit 4"],
            listener: listener
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 4))
        #expect(text(of: attempt.directory.outputs + "/late") == "late\n")
    }

    @Test func theLastBytesBeforeTheEndArrive() async throws {
        let shop = try Workshop()
        for length in [1, 4096, 65_535, 65_536, 65_537, 200_000] {
            let listener = Listener()
            let attempt = try shop.attempt(["/usr/bin/perl", "-e", "print 'y' x \(length)"], listener: listener)
            #expect(try await shop.outcome(attempt) == .exited(code: 0))
            #expect(text(of: attempt.directory.stdout).utf8.count == length)
            #expect(listener.log.utf8.count == length)
        }
    }
}
