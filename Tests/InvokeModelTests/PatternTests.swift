import Testing

@testable import InvokeModel

@Suite struct PatternTests {
    @Test(arguments: [
        ("", "anything"), ("b", "abc"), ("^a", "abc"), ("c$", "abc"), ("^abc$", "abc"), ("^$", ""), ("a|b", "xb"),
        ("^(a|bc)d$", "bcd"), ("^(?:ab)+$", "abab"), ("^(?<year>[0-9]{4})$", "2024"), ("^a*$", ""), ("^a+?$", "aaa"),
        ("^a??b$", "b"), ("^a{2}$", "aa"), ("^a{2,}$", "aaaa"), ("^a{1,3}$", "aaa"), ("^a{0,2}b$", "b"),
        ("^a{0}b$", "b"), ("^(a{2}){2}$", "aaaa"), ("^(|a)+b$", "aab"), ("^(a*)*b$", "aab"), ("^.$", "\u{1F600}"),
        ("^[^a]$", "\n"), ("^[a-c-]+$", "a-c"), ("^[]$|x", "x"), ("^[^]$", "\n"), ("^[\\d.]+$", "1.5"),
        ("^[^\\w\\s]+$", "!?"), ("^[\\]\\\\^-]+$", "]\\^-"), ("^[\\b]$", "\u{8}"), ("^\\d\\D\\w\\W\\s\\S$", "1a_! x"),
        ("^\\n\\t\\r\\f\\v\\0$", "\n\t\r\u{C}\u{B}\0"), ("^\\x41\\u0042\\u{43}\\u{1F600}$", "ABC\u{1F600}"),
        ("^\\uD83D\\uDE00$", "\u{1F600}"), ("^\\^\\$\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/\\-$", "^$.*+?()[]{}|/-"),
        ("\\bcat\\b", "a cat!"), ("\\Bat", "cat"), ("^\\s+$", "\u{FEFF}\u{2028}\u{A0}\u{3000}"), ("^a}]$", "a}]"),
        ("(^|,)b($|,)", "a,b"), ("^[a-z0-9-]{1,39}$", "table-tools"), ("\u{E9}$", "caf\u{E9}"),
    ])
    func aPatternMatches(pattern: String, text: String) throws {
        #expect(try Pattern(pattern).matches(text))
    }

    @Test(arguments: [
        ("b", "ac"), ("^b", "ab"), ("b$", "ba"), ("^abc$", "abc\n"), ("^$", "\n"), ("^a$", "A"), (".", "\n"),
        (".", "\u{2028}"), ("^a{2}$", "a"), ("^a{2}$", "aaa"), ("^a{2,}$", "a"), ("^a{1,3}$", "aaaa"), ("[]", "a"),
        ("^[a-c]$", "d"), ("^[^a-c]$", "b"), ("^(?:a|b)$", "c"), ("\\d", "\u{0663}"), ("\\w", "\u{E9}"),
        ("\\bat", "cat"), ("at\\B", "cat"), ("^a|b$", "cbc"), ("\u{E9}", "e\u{301}"), ("a^b", "ab"), ("a$b", "ab"),
    ])
    func aPatternDoesNotMatch(pattern: String, text: String) throws {
        #expect(try !Pattern(pattern).matches(text))
    }

    @Test(arguments: [
        ("(?=a)", "look-ahead"), ("(?!a)", "look-ahead"), ("(?<=a)", "look-behind"), ("(?<!a)", "look-behind"),
        ("(a)\\1", "back-reference"), ("(?<n>a)\\k<n>", "back-reference"), ("\\p{L}", "Unicode property"),
        ("(?i)a", "(?"), ("(?i:a)", "(?"), ("(?P<n>a)", "(?"), ("a**", "repeats"), ("*a", "repeats"),
        ("a++", "repeats"),
        ("^*", "repeats"), ("\\b+", "repeats"), ("a{", "number of repetitions"), ("a{,3}", "number of repetitions"),
        ("{a}", "brace"), ("a{3,2}", "out of order"), ("a{1,2", "closing brace"),
        ("a{99999999999999999999}", "more than"),
        ("(a", "character 1 of the pattern is not closed"), ("a)", "not open"), ("[a", "not closed"),
        ("[b-a]", "out of order"), ("[\\d-z]", "range with a class"), ("[a-\\d]", "range with a class"),
        ("\\", "backslash"),
        ("\\q", "Character 2 of the pattern is an escape that is not known"), ("[\\1]", "not known"),
        ("\\00", "not known"),
        ("\\x4", "hexadecimal"), ("\\u{}", "hexadecimal"), ("\\u{110000}", "no Unicode scalar"),
        ("\\uD83D", "surrogate"), ("\\uD83D\\u0041", "surrogate"), ("(?<n a)", "group's name"),
    ])
    func whatIsNotAPatternIsRefusedWithASentence(pattern: String, part: String) {
        let fault = #expect(throws: PatternFault.self) { try Pattern(pattern) }
        #expect(fault?.text.contains(part) == true, "\(fault?.text ?? "no fault")")
        #expect(fault?.text.hasSuffix(".") == true)
    }

    @Test func aPatternKeepsItsText() throws {
        #expect(try Pattern("^[a-z]+$").text == "^[a-z]+$")
    }

    @Test(arguments: [
        "a{2001}", "(aa){1001}", "(a{100}){100}", "((){1000}){1000}", "((((a{2000}){2000}){2000}){2000}){2000}",
    ])
    func aPatternThatGrowsTooLargeIsRefused(pattern: String) {
        #expect(throws: PatternFault.self) { try Pattern(pattern) }
    }

    @Test func aPatternMayHaveManyRepetitions() throws {
        let pattern = try Pattern("^[a-z]{1,900}$")
        #expect(pattern.matches(String(repeating: "x", count: 900)))
        #expect(!pattern.matches(String(repeating: "x", count: 901)))
    }

    @Test func groupsAreNestedFiftyDeepAtMost() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
        }
        #expect(try Pattern(nested(50)).matches("a"))
        #expect(throws: PatternFault.self) { try Pattern(nested(51)) }
        #expect(throws: PatternFault.self) { try Pattern(nested(200_000)) }
    }

    @Test(arguments: ["(a+)+$", "^(a|a)*$", "^(a*)*$", "(a|aa)+$", "^(.*a){12}$"])
    func aHostilePatternEndsOnALongText(pattern: String) throws {
        let text = String(repeating: "a", count: 50_000) + "b"
        // A backtracking matcher would not return in anyone's lifetime.
        #expect(try !Pattern(pattern).matches(text))
    }

    @Test func aMatcherWithoutStepsGivesUp() throws {
        var few = 100
        #expect(try Pattern("^a*$").matches(String(repeating: "a", count: 1_000), steps: &few) == nil)
        var many = 100_000
        #expect(try Pattern("^a*$").matches(String(repeating: "a", count: 1_000), steps: &many) == true)
        #expect(many < 100_000)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func aPatternAgreesWithANaiveMatcher(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let expression = NaiveExpression.random(depth: 3, using: &random)
        let pattern = try Pattern(expression.text)
        for _ in 0..<30 {
            let length = Int.random(in: 0...6, using: &random)
            let text = (0..<length).map { _ in ["a", "b", "_", " "].randomElement(using: &random) ?? "a" }.joined()
            #expect(
                pattern.matches(text) == expression.isFound(in: Array(text.unicodeScalars)),
                "\(expression.text) on '\(text)'"
            )
        }
    }
}

/// A regular expression that is matched by trying everything: slow, and too simple to be wrong.
private indirect enum NaiveExpression {
    case literal(Unicode.Scalar)
    case anything
    case word(negated: Bool)
    case oneOf([Unicode.Scalar], negated: Bool)
    case start, end
    case boundary(negated: Bool)
    case pair(NaiveExpression, NaiveExpression)
    case either(NaiveExpression, NaiveExpression)
    case times(NaiveExpression, Int, Int?, lazy: Bool)

    static func random(depth: Int, using random: inout some RandomNumberGenerator) -> NaiveExpression {
        switch Int.random(in: 0..<(depth > 0 ? 14 : 6), using: &random) {
        case 0: return .literal("a")
        case 1: return .literal("b")
        case 2: return .anything
        case 3: return .word(negated: Bool.random(using: &random))
        case 4: return .oneOf(Bool.random(using: &random) ? ["a", " "] : ["b"], negated: Bool.random(using: &random))
        case 5:
            return [.start, .end, .boundary(negated: false), .boundary(negated: true)].randomElement(using: &random)
                ?? .start
        case 6, 7, 8, 9:
            return .pair(.random(depth: depth - 1, using: &random), .random(depth: depth - 1, using: &random))
        case 10, 11:
            return .either(.random(depth: depth - 1, using: &random), .random(depth: depth - 1, using: &random))
        default:
            let least = Int.random(in: 0...2, using: &random)
            let most = Bool.random(using: &random) ? nil : least + Int.random(in: 0...2, using: &random)
            return .times(
                .random(depth: depth - 1, using: &random),
                least,
                most,
                lazy: Bool.random(using: &random)
            )
        }
    }

    var text: String {
        switch self {
        case .literal(let scalar): return String(scalar)
        case .anything: return "."
        case .word(let negated): return negated ? "\\W" : "\\w"
        case .oneOf(let scalars, let negated):
            return "[" + (negated ? "^" : "") + scalars.map { String($0) }.joined() + "]"
        case .start: return "^"
        case .end: return "$"
        case .boundary(let negated): return negated ? "\\B" : "\\b"
        case .pair(let one, let other): return one.text + other.text
        case .either(let one, let other): return "(" + one.text + "|" + other.text + ")"
        case .times(let body, let least, let most, let lazy):
            let bounds = most == least ? "\(least)" : "\(least),\(most.map(String.init) ?? "")"
            return "(?:" + body.text + "){" + bounds + "}" + (lazy ? "?" : "")
        }
    }

    func isFound(in text: [Unicode.Scalar]) -> Bool { (0...text.count).contains { !ends(in: text, from: $0).isEmpty } }

    /// Every place where a match that begins at `start` can end.
    private func ends(in text: [Unicode.Scalar], from start: Int) -> Set<Int> {
        func takes(_ accepts: (Unicode.Scalar) -> Bool) -> Set<Int> {
            start < text.count && accepts(text[start]) ? [start + 1] : []
        }
        func isWord(_ place: Int) -> Bool { text.indices.contains(place) && text[place] != " " }
        switch self {
        case .literal(let scalar): return takes { $0 == scalar }
        case .anything: return takes { _ in true }
        case .word(let negated): return takes { ($0 != " ") != negated }
        case .oneOf(let scalars, let negated): return takes { scalars.contains($0) != negated }
        case .start: return start == 0 ? [start] : []
        case .end: return start == text.count ? [start] : []
        case .boundary(let negated): return (isWord(start - 1) != isWord(start)) != negated ? [start] : []
        case .pair(let one, let other):
            return Set(one.ends(in: text, from: start).flatMap { other.ends(in: text, from: $0) })
        case .either(let one, let other):
            return one.ends(in: text, from: start).union(other.ends(in: text, from: start))
        case .times(let body, let least, let most, _):
            // More rounds than the text is long, beyond those that must be, can only repeat matches of nothing.
            var places: Set<Int> = [start]
            var ends: Set<Int> = least == 0 ? [start] : []
            for round in 1..<(most ?? least + text.count + 1) + 1 where round <= most ?? .max {
                places = Set(places.flatMap { body.ends(in: text, from: $0) })
                if round >= least { ends.formUnion(places) }
            }
            return ends
        }
    }
}
