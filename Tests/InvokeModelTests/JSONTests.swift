import Testing

@testable import InvokeModel

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "-1", "10", "1.5", "0.0", "1e5", "1E+5", "1e-5", "-0.0e0",
        "1234567890123456789012",
        #""""#, #""a""#, "[]", "{}", "[1,2,[3]]", #"{"a":{"b":[]}}"#, " \t\r\n[ 1 , 2 ] \t\r\n", #"{"b":1,"a":2}"#,
    ])
    func aDocumentIsReadAndWrittenBack(text: String) throws {
        let value = try JSON(parsing: text)
        #expect(value.text == text.filter { !$0.isWhitespace })
        #expect(try JSON(parsing: value.bytes()) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "+1", "01", "-", "-01", ".5", "1.", "1.e5", "1e", "1e+", "0x1", "1 2", "NaN",
        "Infinity", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{", "{]", "{a:1}", "{'a':1}", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{1:2}"#, #"""#, #""a"#, #""\"#, #""\q""#, #""\u12""#, #""\u12g4""#, "\"\t\"",
        "\"\n\"",
        "\u{B}1", "\u{C}1", "\u{A0}1", "\u{FEFF}1", "// a\n1", "1//",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(isMalformed(Array(text.utf8)))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "A\u{E9}\u{E9}"),
        (#""\uD83D\uDE00""#, "\u{1F600}"), (#""x\ud83d\ude00y""#, "x\u{1F600}y"),
        (#""\uFFFF\uD7FF\uE000""#, "\u{FFFF}\u{D7FF}\u{E000}"),
        (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), ("\"\u{7F}\u{E9}\u{1F600}\"", "\u{7F}\u{E9}\u{1F600}"),
    ])
    func escapesStandForScalars(text: String, expected: String) throws {
        #expect(try JSON(parsing: text).string.map { Array($0.unicodeScalars) } == Array(expected.unicodeScalars))
    }

    @Test(arguments: [
        #""\uD83D""#, #""\uDE00""#, #""\uD83Dx""#, #""\uD83D\n""#, #""\uD83D\uD83D""#, #""\uD83D\u0041""#,
        #""\uDE00\uD83D""#, #""\uD83D\u""#,
        #""\uD83D\"#,
    ])
    func halfASurrogatePairIsRefused(text: String) {
        #expect(isMalformed(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
            [0xF0, 0x9F, 0x98],
        ] as [[UInt8]]
    )
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        #expect(isMalformed([0x22] + bytes + [0x22]))
        #expect(isMalformed([0x22, 0x5C, 0x6E] + bytes + [0x22]))
        #expect(isMalformed([0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D]))
        #expect(isMalformed(bytes))
    }

    @Test(arguments: [#""\u0000""#, "\"\0\"", #"{"\u0000":1}"#, #"["a\u0000b"]"#, "\0", "1\0"])
    func aNULIsRefused(text: String) {
        #expect(isMalformed(Array(text.utf8)))
    }

    @Test(arguments: [#"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":3}"#, #"[{"x":{"":1,"":2}}]"#])
    func aMemberThatStandsTwiceIsRefused(text: String) throws {
        let fault = try #require(#expect(throws: JSONFault.self) { try JSON(parsing: text) })
        guard case .malformed(let detail, let offset) = fault else {
            Issue.record("\(fault)")
            return
        }
        #expect(detail.contains("twice"))
        #expect(Array(text.utf8)[offset] == UInt8(ascii: "\""))
    }

    @Test func namesThatLookTheSameStandTwiceToo() {
        // One spelled with a composed scalar, one with a combining accent: Swift's dictionaries hold only one of them.
        #expect(isMalformed(Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)))
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func nestingEndsAtThirtyTwoLevels(open: String, close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + (open == "[" ? "" : "0") + String(repeating: close, count: depth)
        }
        #expect(try JSON(parsing: nested(31)).text == nested(31))
        #expect(try JSON(parsing: nested(32)).text == nested(32))
        #expect(isTooComplex(nested(33)))
        #expect(isTooComplex(nested(100_000)))
    }

    @Test func valuesAreCounted() throws {
        let limits = JSONLimits(nodes: 4)
        #expect(try JSON(parsing: #"[1,2,{}]"#, limits: limits).array?.count == 3)
        #expect(throws: JSONFault.self) { try JSON(parsing: #"[1,2,{"a":1}]"#, limits: limits) }
        #expect(isTooComplex("[" + String(repeating: "0,", count: 10_000) + "0]"))
    }

    @Test func namesAreLimitedInBytes() throws {
        func document(_ name: String) -> String { "{\"\(name)\":1}" }
        #expect(try JSON(parsing: document(String(repeating: "\u{E9}", count: 128))).kind == "object")
        #expect(isTooComplex(document(String(repeating: "\u{E9}", count: 128) + "a")))
    }

    @Test func aFaultTellsItsPlace() {
        #expect(throws: JSONFault.malformed("a value is expected here", offset: 4)) { try JSON(parsing: "[1, x]") }
        #expect(throws: JSONFault.malformed("unexpected text after the document", offset: 3)) {
            try JSON(parsing: "{} {}")
        }
    }

    @Test func controlCharactersAreWrittenAsEscapes() throws {
        let every = String(String.UnicodeScalarView((UInt8(1)...0x7F).map { Unicode.Scalar($0) }))
        let text = JSON.string(every).text
        #expect(text.utf8.allSatisfy { $0 >= 0x20 })
        #expect(text.hasPrefix(#""\u0001\u0002"#))
        #expect(try JSON(parsing: text).string == every)
    }

    @Test func canonicalTextSortsMembersByBytes() throws {
        let value = try JSON(parsing: #"{"b":1,"a":{"z":1,"y":[{"d":1,"c":2}]},"B":3}"#)
        #expect(value.canonicalText == #"{"B":3,"a":{"y":[{"c":2,"d":1}],"z":1},"b":1}"#)
        #expect(value.text == #"{"b":1,"a":{"z":1,"y":[{"d":1,"c":2}]},"B":3}"#)
    }

    @Test(arguments: [
        ("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0", "0e999"), ("1.50", "15e-1"), ("-12e-1", "-1.2"),
        ("123456789012345678901234567890", "123456789012345678901234567890.0"),
        (#"{"a":1,"b":2}"#, #"{"b":2.0,"a":1}"#), ("[1,[2]]", "[1.0,[2e0]]"),
    ])
    func equivalenceGoesByValue(one: String, other: String) throws {
        #expect(try JSON(parsing: one).isEquivalent(to: JSON(parsing: other)))
    }

    @Test(arguments: [
        ("1", "2"), ("1", "-1"), ("1", #""1""#), ("0", "false"), ("null", "0"), ("[1,2]", "[2,1]"), (#"{"a":1}"#, "{}"),
        (#"{"a":1}"#, #"{"b":1}"#), ("9007199254740992", "9007199254740993"), ("1e400", "1e401"),
        ("\"\u{E9}\"", "\"e\u{301}\""), ("0.1", "0.10000000000000000001"),
    ])
    func whatDiffersIsNotEquivalent(one: String, other: String) throws {
        #expect(try !JSON(parsing: one).isEquivalent(to: JSON(parsing: other)))
    }

    @Test(
        arguments: [
            ("12", 12), ("-12.0", -12), ("1.2e1", 12), ("9223372036854775807", .max), ("-9223372036854775808.0", .min),
            ("9007199254740993.0", 9_007_199_254_740_993), ("1.5", nil), ("9223372036854775808", nil), ("1e19", nil),
            ("1e999999999999999999999", nil), ("1e-999999999999999999999", nil), ("0e999999999999999999999", 0),
        ] as [(String, Int?)]
    )
    func aNumberIsAnIntegerByValue(text: String, expected: Int?) {
        #expect(JSONNumber(validText: text).int == expected)
    }

    @Test func numbersAreOrderedByValue() {
        let ascending = [
            "-1e400", "-10", "-9.99", "-9.9", "-1e-400", "0", "1e-400", "0.099", "0.1", "9", "10", "10.01", "1e400",
            "2e400",
        ].map { ExactNumber(JSONNumber(validText: $0)) }
        for (index, one) in ascending.enumerated() {
            for (otherIndex, other) in ascending.enumerated() { #expect((one < other) == (index < otherIndex)) }
        }
    }
}

private func isMalformed(_ bytes: [UInt8]) -> Bool {
    do throws(JSONFault) {
        _ = try JSON(parsing: bytes)
        return false
    } catch {
        guard case .malformed(_, let offset) = error else { return false }
        return (0...bytes.count).contains(offset)
    }
}

private func isTooComplex(_ text: String) -> Bool {
    do throws(JSONFault) {
        _ = try JSON(parsing: text)
        return false
    } catch {
        guard case .tooComplex = error else { return false }
        return true
    }
}
