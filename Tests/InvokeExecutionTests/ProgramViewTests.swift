import InvokeExecution
import InvokeModel
import Testing

/// What a program sees of its job.
@Suite(.timeLimit(.minutes(5))) struct ProgramViewTests {
    private let inputs = [
        ProgramInput(name: "plain-text", required: true, value: .string("a\"b\nc $HOME `id`")),
        ProgramInput(name: "options", required: false, value: .json(["deep": [1, 2.5.text]])),
        ProgramInput(name: "table", required: false, value: .asset(did: "did:dep:1", contentType: nil, size: 3)),
    ]

    @Test func theEnvironmentIsWhatIsPromisedAndNothingElse() async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(
            ["/usr/bin/env", "-0"],
            inputs: inputs,
            environment: ["LANG": "C.UTF-8", "INVOKE_JOB_ID": "forged", "TMP_INPUT_DIR": "/forged", "bad=name": "x"],
            stage: { try put("abc", at: $0.input("table")) }
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        let expected = [
            "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home/job", "PWD=/home/job", "LANG=C.UTF-8",
            "INVOKE_JOB_ID=\(attempt.job)", "INVOKE_OPERATION=did:dep:operation", "INVOKE_ATTEMPT=1",
            "INVOKE_INPUTS=/invoke/inputs.json", "INVOKE_OUTPUT_DIR=/invoke/outputs",
            "INVOKE_INPUT_PLAIN_TEXT=a\"b\nc $HOME `id`", #"INVOKE_INPUT_OPTIONS={"deep":[1,"2.5"]}"#,
            "INVOKE_INPUT_TABLE=/invoke/inputs/table", "TMP_INPUT_DIR=/invoke/inputs",
            "TMP_OUTPUT_DIR=/invoke/outputs", "INPUT_FILE_PATH=/invoke/inputs/plain-text",
        ]
        let variables = text(of: attempt.directory.stdout).split(separator: "\0").map(String.init)
        #expect(variables.sorted() == expected.sorted())
    }

    @Test func theDocumentOfInputsHasThemAll() async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "cat $INVOKE_INPUTS; cat $INVOKE_INPUT_TABLE"],
            inputs: inputs
        ) {
            try put("abc", at: $0.input("table"))
        }
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        let expected: JSON = [
            "plain-text": "a\"b\nc $HOME `id`",
            "options": ["deep": [1, "2.5"]],
            "table": ["did": "did:dep:1", "path": "/invoke/inputs/table", "content_type": .null, "size": 3],
        ]
        #expect(text(of: attempt.directory.stdout) == expected.text + "abc")
    }

    @Test(arguments: [
        (ProgramInput.Value.string("two\nlines"), "two\nlines"),
        (.json(["a": [true, .null]]), #"{"a":[true,null]}"#),
        (.asset(did: "did:dep:1", contentType: "text/plain", size: 6), "staged"),
    ])
    func theOnlyRequiredInputIsTheStandardInput(value: ProgramInput.Value, bytes: String) async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(
            ["/bin/cat"],
            inputs: [
                ProgramInput(name: "../a b", required: true, value: value),
                ProgramInput(name: "other", required: false, value: .string("no")),
            ],
            stage: { if case .asset = value { try put("staged", at: $0.input("../a b")) } }
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(text(of: attempt.directory.stdout) == bytes)
    }

    @Test func withTwoRequiredInputsTheStandardInputIsEmpty() async throws {
        let output = try await Workshop().output(
            "cat; echo \"${INPUT_FILE_PATH-unset}\"",
            inputs: ["a", "b"].map { ProgramInput(name: $0, required: true, value: .string($0)) }
        )
        #expect(output == "unset\n")
    }

    @Test func aLongStringIsOnlyInTheDocument() async throws {
        let long = String(repeating: "x", count: 64 << 10)
        let output = try await Workshop().output(
            "echo ${#INVOKE_INPUT_FITS} ${INVOKE_INPUT_LONG-absent}; wc -c < $INVOKE_INPUTS",
            inputs: [
                ProgramInput(name: "fits", required: false, value: .string(long)),
                ProgramInput(name: "long", required: false, value: .string(long + "x")),
            ]
        )
        #expect(output == "65536 absent\n\(2 * (64 << 10) + 1 + #"{"fits":"","long":""}"#.utf8.count)\n")
    }

    @Test(arguments: [Sandbox.bubblewrap, .none])
    func theFilesOfTheOperationLieInTheWorkingDirectory(sandbox: Sandbox) async throws {
        let shop = try Workshop(sandbox: sandbox)
        let attempt = try shop.attempt(
            ["/bin/sh", "-c", "ls; ./run.sh 'a b'; echo x > new; cat new; test \"$PWD\" = \"$HOME\" && echo home"],
            files: ["run.sh": "#!/bin/sh\necho \"ran $1\"\n"]
        )
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(text(of: attempt.directory.stdout) == "run.sh\nran a b\nx\nhome\n")
    }

    @Test func aFileNameThatIsAPathIsRefused() async throws {
        let shop = try Workshop()
        let attempt = try shop.attempt(["/bin/true"], files: ["../escape": ""])
        guard case .unavailable = try await shop.outcome(attempt) else {
            Issue.record("the file was written")
            return
        }
    }
}

extension Double {
    fileprivate var text: JSON { .string(description) }
}
