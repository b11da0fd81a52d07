import Glibc
import InvokeExecution
import InvokeModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct OutputCollectorTests {
    private let shop: Workshop
    private let directory: JobDirectory
    private let text = OutputDeclaration(name: "text", type: .string)
    private let data = OutputDeclaration(name: "data", type: .json)
    private let content = OutputDeclaration(name: "content", type: .asset)

    init() throws {
        shop = try Workshop()
        directory = try shop.attempt(["/bin/true"]).directory
    }

    private func put(_ text: String, _ name: String) throws {
        try InvokeExecutionTests.put(text, at: directory.outputs + "/" + name)
    }

    private func code(_ declarations: OutputDeclaration..., limit: Int = 1 << 20) throws -> ErrorCode? {
        do throws(OutputFault) {
            _ = try OutputCollector(limit: limit).collect(declarations, from: directory)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func eachTypeIsReadFromItsFile() async throws {
        let script = """
            printf 'héllo\\n\\n' > $INVOKE_OUTPUT_DIR/text
            echo '{"a": [1, 2.50]}' > $INVOKE_OUTPUT_DIR/data
            printf '\\0\\377' > $INVOKE_OUTPUT_DIR/content
            """
        let attempt = try shop.attempt(["/bin/sh", "-c", script])
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        let outputs = try OutputCollector().collect([text, data, content], from: attempt.directory)
        #expect(
            outputs == [
                "text": .string("héllo\n"),
                "data": .json(try JSON(parsing: #"{"a":[1,2.50]}"#)),
                "content": .file(path: attempt.directory.outputs + "/content", size: 2),
            ]
        )
    }

    @Test func aFileOfItsOwnWinsOverTheBundle() throws {
        try put(#"{"text": "bundled", "data": 5, "unknown": 1}"#, "outputs.json")
        try put("own", "text")
        #expect(
            try OutputCollector().collect([text, data], from: directory) == ["text": .string("own"), "data": .json(5)]
        )
    }

    @Test func theOnlyStringMayBeTheStandardOutput() async throws {
        let attempt = try shop.attempt(["/bin/sh", "-c", "echo ::progress 5; echo result; echo noise >&2"])
        #expect(try await shop.outcome(attempt) == .exited(code: 0))
        #expect(try OutputCollector().collect([text], from: attempt.directory) == ["text": .string("result")])
        #expect(throws: OutputFault.self) {
            try OutputCollector().collect(
                [text, OutputDeclaration(name: "two", type: .string)],
                from: attempt.directory
            )
        }
    }

    @Test func whatIsMissingOrOfAnotherTypeIsAMismatch() throws {
        #expect(try code(data) == .outputMismatch)
        #expect(try code(content) == .outputMismatch)
        try put("{nonsense", "data")
        #expect(try code(data) == .outputMismatch)
        try put("\u{0}", "outputs.json")
        #expect(try code(text) == .outputMismatch)
        try put(#"["text"]"#, "outputs.json")
        #expect(try code(text) == .outputMismatch)
        try put(#"{"text": 5}"#, "outputs.json")
        #expect(try code(text) == .outputMismatch)
        try put(#"{"content": "not a file"}"#, "outputs.json")
        #expect(try code(content) == .outputMismatch)
    }

    @Test func aStringMustBeUTF8WithoutNUL() async throws {
        for bytes in ["\\377", "a\\000b"] {
            let attempt = try shop.attempt(["/bin/sh", "-c", "printf '\(bytes)' > $INVOKE_OUTPUT_DIR/text"])
            #expect(try await shop.outcome(attempt) == .exited(code: 0))
            #expect(throws: OutputFault.self) { try OutputCollector().collect([text], from: attempt.directory) }
        }
    }

    @Test func stringsAndJSONShareOneLimitAndAssetsDoNot() throws {
        try put("12345\n", "text")
        try put("123456", "content")
        try put("99999", "data")
        #expect(try code(text, data, content, limit: 10) == nil)
        #expect(try code(text, data, content, limit: 9) == .outputTooLarge)
        try put(#"{"text":"123456789"}"#, "outputs.json")
        #expect(unlink(directory.outputs + "/text") == 0)
        #expect(try code(text, limit: 20) == nil)
        #expect(try code(text, data, limit: 20) == nil)
        #expect(try code(text, data, limit: 13) == .outputTooLarge)
    }

    @Test(arguments: ["symlink", "dangling", "folder", "fifo", "hardlink", "socket"])
    func onlyARegularFileWithOneNameIsRead(kind: String) throws {
        let path = directory.outputs + "/content"
        let secret = directory.path + "/secret"
        try InvokeExecutionTests.put("secret", at: secret)
        let made: Int32 =
            switch kind {
            case "symlink": symlink(secret, path)
            case "dangling": symlink("/nowhere", path)
            case "folder": mkdir(path, 0o700)
            case "fifo": mkfifo(path, 0o600)
            case "socket": mknod(path, S_IFSOCK | 0o600, 0)
            default: link(secret, path)
            }
        #expect(made == 0)
        #expect(try code(content) == .outputMismatch)
    }

    @Test func aNameThatIsAPathNeverLeavesTheFolder() throws {
        try InvokeExecutionTests.put("secret", at: directory.path + "/secret")
        for name in ["../secret", "..", ".", "", "a/b"] {
            #expect(try code(OutputDeclaration(name: name, type: .asset)) == .outputMismatch)
        }
    }
}
