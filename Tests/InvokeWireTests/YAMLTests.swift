import InvokeModel
import InvokeWire
import Testing

/// YAML documents become the JSON values that the JSON schema of YAML 1.2 says.
@Suite struct YAMLTests {
    private func json(_ yaml: String) throws(Refusal) -> JSON { try JSON(yaml: Array(yaml.utf8)) }

    private func code(_ yaml: String) -> ErrorCode? {
        do throws(Refusal) {
            _ = try json(yaml)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        ("no", #""no""#), ("yes", #""yes""#), ("on", #""on""#), ("off", #""off""#), ("Yes", #""Yes""#),
        ("True", #""True""#), ("NULL", #""NULL""#), ("1.2.0", #""1.2.0""#), ("1_000", #""1_000""#),
        ("0x1F", #""0x1F""#), ("010", #""010""#), (".5", #"".5""#), ("+1", #""+1""#), (".inf", #"".inf""#),
        ("12:30:45", #""12:30:45""#), ("2025-03-01", #""2025-03-01""#), ("'1'", #""1""#), (#""true""#, #""true""#),
        ("'null'", #""null""#), ("|\n  1", #""1""#), ("''", #""""#),
        ("true", "true"), ("false", "false"), ("null", "null"), ("~", "null"), ("a:", #"{"a":null}"#),
        ("1", "1"), ("-1", "-1"), ("1.50", "1.50"), ("1e3", "1e3"), ("0", "0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("[1, two, {three: 3}]", #"[1,"two",{"three":3}]"#),
        ("b: 1\na: 2", #"{"b":1,"a":2}"#), ("1: one\ntrue: two", #"{"1":"one","true":"two"}"#),
        (#"{"a": [1, "x"]}"#, #"{"a":[1,"x"]}"#),
        ("a: &x [1]\nb: *x", #"{"a":[1],"b":[1]}"#),
    ])
    func aScalarIsWhatItLooksLikeInJSON(yaml: String, text: String) throws {
        #expect(try json(yaml).text == text)
    }

    @Test(arguments: [
        "a: 1\na: 2", "{a: 1, 'a': 2}", "a: [1", "\"\\0\"", "a: \"x\\0y\"", "\"a\\0b\": 1", "? [1, 2]\n: x", "", "*a",
        "a: 1\n---\nb: 2",
    ])
    func whatIsNoGoodYAMLIsMalformed(yaml: String) {
        #expect(code(yaml) == .malformedJSON)
    }

    @Test func bytesThatAreNoTextAreMalformed() {
        #expect {
            try JSON(yaml: [0x61, 0x3A, 0x20, 0xFF])
        } throws: {
            ($0 as? Refusal)?.code == .malformedJSON
        }
    }

    /// Two to the power of forty values, if all were written out.
    @Test(.timeLimit(.minutes(5)))
    func anchorsOfAnchorsEndAtTheNodeLimit() {
        let levels = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        #expect(code("a0: &a0 [x, x]\n" + levels.joined(separator: "\n")) == .tooComplex)
    }

    @Test func depthNodesAndKeysAreLimited() {
        let limits = JSONLimits(depth: 2, nodes: 4, keyBytes: 3)
        func isTaken(_ yaml: String) -> Bool { (try? JSON(yaml: Array(yaml.utf8), limits: limits)) != nil }
        #expect(isTaken("[[1]]") && !isTaken("[[[1]]]"))
        #expect(isTaken("[1, 2, 3]") && !isTaken("[1, 2, 3, 4]"))
        #expect(isTaken("abc: 1") && !isTaken("abcd: 1"))
    }

    @Test func aBombOfAliasesInAKeyIsRefusedUnread() {
        let levels = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }.joined(separator: "\n")
        let bomb = "a0: &a0 [x]\n\(levels)\n? *a40\n: boom\n"
        #expect(throws: Refusal.self) { try JSON(yaml: Array(bomb.utf8)) }
    }

    @Test func marksInProgramsAreNoAliases() throws {
        let text = "program: |\n" + String(repeating: "  print(*args, &flag)\n", count: 30)
        #expect(try JSON(yaml: Array(text.utf8))["program"]?.string?.contains("*args") == true)
    }
}
