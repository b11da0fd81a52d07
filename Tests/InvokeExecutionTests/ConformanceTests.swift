import InvokeExecution
import InvokeModel
import Testing

/// What every executor does alike; their programs find a shell and coreutils, and nothing else.
@Suite(.timeLimit(.minutes(5))) struct ConformanceTests {
    @Test(.enabled(if: ExecutorUnderTest.allAreWanted)) func noExecutorIsLeftOut() {
        for subject in ExecutorUnderTest.all {
            #expect(subject.isHere, "what it runs on is missing; see scripts/test-engines")
        }
    }

    @Test(arguments: ExecutorUnderTest.here)
    func itIsInGoodCondition(subject: ExecutorUnderTest) async throws {
        let condition = try await Workshop(subject).executor.condition()
        #expect(condition.fault == nil)
        #expect((condition.cpus?.total ?? 0) >= 1)
        #expect((condition.memory?.total ?? 0) >= 268_435_456)
        #expect(Set(condition.demands.keys) == Set(EngineCondition.Demand.allCases))
    }

    @Test(arguments: ExecutorUnderTest.here)
    func aProgramIsToldItsInputsInEveryWay(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let listener = Listener()
        let script = """
            echo "$INVOKE_INPUT_TEXT"; echo "$INVOKE_INPUT_DATA"; cat "$INVOKE_INPUT_BINARY"; cat
            cp "$INVOKE_INPUTS" "$INVOKE_OUTPUT_DIR/told"
            echo "$OWN $INVOKE_JOB_ID $INVOKE_ATTEMPT $INVOKE_OPERATION" > "$INVOKE_OUTPUT_DIR/names"
            """
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", script],
            inputs: [
                ProgramInput(name: "text", required: false, value: .string("a 'quoted' $text")),
                ProgramInput(name: "data", required: false, value: .json(["n": 1])),
                ProgramInput(
                    name: "binary",
                    required: true,
                    value: .asset(did: "did:dep:asset", contentType: nil, size: 8)
                ),
            ],
            environment: ["OWN": "a $HOME of 'mine'"],
            listener: listener,
            stage: { try $0.write(Array("content\n".utf8), asInput: "binary") }
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0), "\(listener.log)")
        #expect(text(of: attempt.directory.stdout) == "a 'quoted' $text\n{\"n\":1}\ncontent\ncontent\n")
        let names = "a $HOME of 'mine' \(attempt.job) 1 did:dep:operation\n"
        #expect(text(of: attempt.directory.outputs + "/names") == names)
        let told = try JSON(parsing: text(of: attempt.directory.outputs + "/told").utf8)
        #expect(told["text"]?.string == "a 'quoted' $text")
        #expect(told["data"] == ["n": 1])
        #expect(told["binary"]?["did"]?.string == "did:dep:asset")
    }

    @Test(arguments: ExecutorUnderTest.here)
    func aProgramWithoutARequiredInputReadsNothing(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let attempt = try shop.attempt(["/bin/sh", "-c", "cat; echo end"])
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(text(of: attempt.directory.stdout) == "end\n")
    }

    @Test(arguments: ExecutorUnderTest.here)
    func outputsOfEveryKindAreCollected(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let listener = Listener()
        let script = #"""
            cd "$INVOKE_OUTPUT_DIR"
            printf 'of a file' > text; echo '{"data": [1, 2]}' > outputs.json; printf '\000\377' > binary
            echo printed
            """#
        let attempt = try shop.attempt(["/bin/sh", "-c", script], listener: listener)
        #expect(try await shop.outcome(attempt) == .exited(code: 0), "\(listener.log)")
        let printed = try OutputCollector().collect(
            [OutputDeclaration(name: "printed", type: .string)],
            from: attempt.directory
        )
        #expect(printed == ["printed": .string("printed")])
        let left = try OutputCollector().collect(
            [
                OutputDeclaration(name: "text", type: .string), OutputDeclaration(name: "data", type: .json),
                OutputDeclaration(name: "binary", type: .asset),
            ],
            from: attempt.directory
        )
        #expect(left["text"] == .string("of a file"))
        #expect(left["data"] == .json([1, 2]))
        #expect(left["binary"] == .file(path: attempt.directory.outputs + "/binary", size: 2))
        try attempt.directory.remove()
    }

    @Test(arguments: ExecutorUnderTest.here)
    func theFilesOfTheOperationLieInTheWorkingDirectory(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let listener = Listener()
        let attempt = try shop.attempt(
            ["./tool", "an argument"],
            files: [
                "tool": "#!/bin/sh\ncat data.txt; echo \"$1\"; echo scratch > made; cat made\n", "data.txt": "data\n",
            ],
            listener: listener
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0), "\(listener.log)")
        #expect(text(of: attempt.directory.stdout) == "data\nan argument\nscratch\n")
    }

    @Test(arguments: ExecutorUnderTest.here, [0, 1, 3, 255])
    func anExitCodeIsToldAsItIs(subject: ExecutorUnderTest, code: Int) async throws {
        let shop = try Workshop(subject)
        #expect(try await shop.outcome(shop.attempt(["/bin/sh", "-c", "exit \(code)"])) == .exited(code: code))
    }

    @Test(arguments: ExecutorUnderTest.here, [9, 15])
    func aProgramThatASignalEndsIsToldByIt(subject: ExecutorUnderTest, signal: Int) async throws {
        let shop = try Workshop(subject)
        let attempt = try shop.attempt(["/bin/sh", "-c", "kill -\(signal) $$; sleep 60"])
        #expect(try await shop.outcome(attempt) == .signalled(signal))
    }

    @Test(arguments: ExecutorUnderTest.here)
    func aProgramThatIsNotThereExitsAsShellsSayIt(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let listener = Listener()
        let attempt = try shop.attempt(["/nowhere/program"], listener: listener)
        #expect(try await shop.outcome(attempt) == .exited(code: 127))
        #expect(listener.log.contains("/nowhere/program"), "\(listener.log)")
    }

    @Test(arguments: ExecutorUnderTest.here)
    func whatIsSaidIsHeardWhileTheProgramRuns(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let listener = Listener()
        let script = """
            echo to output; echo to errors >&2; echo '::progress 42 half'
            until [ -e "$INVOKE_OUTPUT_DIR/go" ]; do sleep 0.05; done; echo '::progress 100'; echo went
            """
        let attempt = try shop.attempt(["/bin/sh", "-c", script], listener: listener)
        let handle = try await shop.executor.start(attempt)
        await listener.hears("to output")
        await listener.hears("to errors")
        try await shop.letGo(attempt)
        #expect(try await shop.executor.wait(for: handle) == .exited(code: 0), "\(listener.log)")
        #expect(listener.errors == "to errors\n")
        #expect(listener.log.contains("went\n"))
        #expect(listener.progress == ["42 half", "100 "])
        #expect(text(of: attempt.directory.stdout) == "to output\nwent\n")
    }

    @Test(arguments: ExecutorUnderTest.here)
    func aScriptsErrorsGoWhereItsOutputGoes(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let listener = Listener()
        let attempt = try shop.attempt(
            ["/bin/sh", "script"],
            inputs: [ProgramInput(name: "event", required: true, value: .string("an event"))],
            files: ["script": "echo one; echo two >&2; cat; echo; cat \"$INPUT_FILE_PATH\"; echo; echo three >&2"],
            script: ScriptRun(file: "event", isEvent: true),
            listener: listener
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0), "\(listener.log)")
        #expect(text(of: attempt.directory.stdout) == "one\ntwo\nan event\nan event\nthree\n")
        #expect(listener.errors == "")
    }

    @Test(arguments: ExecutorUnderTest.here)
    func theSameAttemptIsStartedOnce(subject: ExecutorUnderTest) async throws {
        let shop = try Workshop(subject)
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo once >> $INVOKE_OUTPUT_DIR/count"])
        async let one = shop.executor.start(attempt)
        async let two = shop.executor.start(attempt)
        #expect(try await one == two)
        #expect(try await shop.executor.wait(for: one) == .exited(code: 0))
        #expect(try await shop.executor.wait(for: two) == .exited(code: 0))
        #expect(try await shop.executor.start(attempt) == one)
        #expect(text(of: attempt.directory.outputs + "/count") == "once\n")
    }
}
