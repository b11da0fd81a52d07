import InvokeModel
import Testing

/// What a text says that carries a file (oscar.md §7).
@Suite struct FileContentTests {
    private static func bytes(_ text: String) throws -> [UInt8] { try FileContent.bytes(of: text.utf8, at: "#") }

    @Test(arguments: [#"{"message": "two  spaces *"}"#, "[1, 2]\n", "  \"text\"", #"{"a":1e400}"#, #"{"a":1, "a":2}"#])
    func jsonIsTheContentItself(text: String) throws { #expect(try Self.bytes(text) == Array(text.utf8)) }

    @Test(arguments: [
        ("aGVsbG8=", "hello"), ("aGVsbG8", "hello"), ("aGVs\r\nbG8=\n", "hello"), (" a G V s b G 8 ", "hello"),
        ("", ""),
        (" \n", ""), ("aGk", "hi"), ("aGk=", "hi"), ("MTIz", "123"),
    ])
    func anythingElseIsBase64(text: String, content: String) throws {
        #expect(String(decoding: try Self.bytes(text), as: UTF8.self) == content)
    }

    @Test(arguments: ["{", #"{"a":1} x"#, "[1,", "\"open", "a*b", "hello world!", "aGVsb", "a=b", "aGk=aGk=", "_-_-"])
    func whatIsNeitherIsRefused(text: String) {
        #expect(throws: Invalid.self) { try Self.bytes(text) }
        #expect {
            try FileContent.checked(Array(text.utf8))
        } throws: {
            ($0 as? Refusal)?.code == .invalidInput
        }
    }

    @Test func everyByteComesThrough() throws {
        let bytes = (0...255).map(UInt8.init)
        let letters =
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xN"
            + "Tk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2e"
            + "n6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v"
            + "8PHy8/T19vf4+fr7/P3+/w=="
        #expect(try Self.bytes(letters) == bytes)
    }
}
