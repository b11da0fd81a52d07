/// Reads the text of a regular expression: the grammar of ECMA-262 with the flag `u`, as JSON Schema asks for.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var depth = 0

    /// How deep groups may be nested; it bounds our own recursion.
    private static let maxDepth = 50

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func pattern() throws(PatternFault) -> PatternNode {
        let node = try choice()
        guard next == nil else { throw fault("closes a group that is not open") }
        return node
    }

    private var next: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    /// A fault at the present scalar: `text` goes on after "Character 3 of the pattern".
    private func fault(_ text: String, back: Int = 0) -> PatternFault {
        at < scalars.count
            ? PatternFault("Character \(at + 1 - back) of the pattern \(text).")
            : PatternFault("The end of the pattern \(text).")
    }

    private func unsupported(_ what: String) -> PatternFault {
        PatternFault("The pattern uses \(what) at character \(at + 1), which is not supported.")
    }

    private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        at += 1
        return true
    }

    private func stands(_ text: StaticString) -> Bool {
        let wanted = Array("\(text)".unicodeScalars)
        return scalars[at...].starts(with: wanted)
    }

    private mutating func choice() throws(PatternFault) -> PatternNode {
        var branches = [try sequence()]
        while takes("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { parts.append(try term(scalar)) }
        return parts.count > 1 ? .sequence(parts) : parts.first ?? .empty
    }

    private mutating func term(_ scalar: Unicode.Scalar) throws(PatternFault) -> PatternNode {
        if let assertion = takeAssertion() { return .assertion(assertion) }
        let atom: PatternNode
        switch scalar {
        case "(": atom = try group()
        case "[": atom = .scalar(try characterClass())
        case ".":
            at += 1
            atom = .scalar(.dot)
        case "\\": atom = .scalar(try escape(inClass: false).set)
        case "*", "+", "?": throw fault("repeats, but nothing that can be repeated stands before it")
        case "{": throw fault("repeats, but nothing that can be repeated stands before it; write \\{ for a brace")
        default:
            at += 1
            atom = .scalar(ScalarSet(scalar))
        }
        return try repetition(of: atom)
    }

    private mutating func takeAssertion() -> PatternAssertion? {
        if takes("^") { return .start }
        if takes("$") { return .end }
        guard stands("\\b") || stands("\\B") else { return nil }
        at += 2
        return scalars[at - 1] == "b" ? .boundary : .notBoundary
    }

    private mutating func group() throws(PatternFault) -> PatternNode {
        if stands("(?=") || stands("(?!") { throw unsupported("look-ahead") }
        if stands("(?<=") || stands("(?<!") { throw unsupported("look-behind") }
        guard depth < Self.maxDepth else { throw fault("opens more than \(Self.maxDepth) groups in each other") }
        let start = at
        if stands("(?:") {
            at += 3
        } else if stands("(?<") {
            at += 3
            while let scalar = next, ScalarSet.word.contains(scalar.value) { at += 1 }
            guard takes(">") else { throw fault("is not part of a group's name, which must be closed with >") }
        } else if stands("(?") {
            throw unsupported("a group that starts with (? and is neither (?: nor (?<name>")
        } else {
            at += 1
        }
        depth += 1
        let node = try choice()
        depth -= 1
        guard takes(")") else {
            throw PatternFault("The group that opens at character \(start + 1) of the pattern is not closed.")
        }
        return node
    }

    private mutating func repetition(of atom: PatternNode) throws(PatternFault) -> PatternNode {
        let node: PatternNode
        switch next {
        case "*": node = .repeated(atom, least: 0, most: nil)
        case "+": node = .repeated(atom, least: 1, most: nil)
        case "?": node = .repeated(atom, least: 0, most: 1)
        case "{": node = try counted(atom)
        default: return atom
        }
        at += 1
        // A lazy repetition finds another match first, but it finds one exactly when the greedy one does.
        _ = takes("?")
        return node
    }

    /// Reads `{n}`, `{n,}` or `{n,m}` up to its closing brace.
    private mutating func counted(_ atom: PatternNode) throws(PatternFault) -> PatternNode {
        at += 1
        let least = try count()
        var most: Int? = least
        if takes(",") { most = next == "}" ? nil : try count() }
        guard next == "}" else { throw fault("must be the closing brace of a repetition") }
        if let most, most < least { throw fault("ends a repetition whose bounds are out of order") }
        return .repeated(atom, least: least, most: most)
    }

    private mutating func count() throws(PatternFault) -> Int {
        let start = at
        var value = 0
        while let digit = next?.value, (0x30...0x39).contains(digit) {
            value = value * 10 + Int(digit - 0x30)
            guard value <= Pattern.maxSize else { throw fault("repeats more than \(Pattern.maxSize) times") }
            at += 1
        }
        guard at > start else { throw fault("must be a number of repetitions; write \\{ for a brace") }
        return value
    }
}

extension PatternParser {
    /// What one escape stands for; `scalar` is nil for a class such as `\d`.
    private struct Escaped {
        let set: ScalarSet
        let scalar: Unicode.Scalar?

        init(_ scalar: Unicode.Scalar) {
            set = ScalarSet(scalar)
            self.scalar = scalar
        }

        init(_ set: ScalarSet) {
            self.set = set
            scalar = nil
        }
    }

    private mutating func characterClass() throws(PatternFault) -> ScalarSet {
        let start = at
        at += 1
        let negated = takes("^")
        var sets: [ScalarSet] = []
        while !takes("]") {
            guard next != nil else {
                throw PatternFault("The class that opens at character \(start + 1) of the pattern is not closed.")
            }
            let first = try classMember()
            guard next == "-", at + 1 < scalars.count, scalars[at + 1] != "]" else {
                sets.append(first.set)
                continue
            }
            at += 1
            let last = try classMember()
            guard let low = first.scalar?.value, let high = last.scalar?.value else {
                throw fault("ends a range with a class such as \\d at one end; write \\- for a hyphen", back: 1)
            }
            guard low <= high else { throw fault("ends a range that is out of order", back: 1) }
            sets.append(ScalarSet([low...high]))
        }
        let set = ScalarSet(joining: sets)
        return negated ? set.inverted : set
    }

    private mutating func classMember() throws(PatternFault) -> Escaped {
        guard let scalar = next else { throw fault("must close a class") }
        guard scalar != "\\" else { return try escape(inClass: true) }
        at += 1
        return Escaped(scalar)
    }

    private mutating func escape(inClass: Bool) throws(PatternFault) -> Escaped {
        at += 1
        guard let scalar = next else { throw fault("must tell what the last backslash escapes") }
        at += 1
        switch scalar {
        case "d": return Escaped(.digit)
        case "D": return Escaped(ScalarSet.digit.inverted)
        case "w": return Escaped(.word)
        case "W": return Escaped(ScalarSet.word.inverted)
        case "s": return Escaped(.space)
        case "S": return Escaped(ScalarSet.space.inverted)
        case "n": return Escaped("\n")
        case "t": return Escaped("\t")
        case "r": return Escaped("\r")
        case "f": return Escaped("\u{C}")
        case "v": return Escaped("\u{B}")
        case "b" where inClass: return Escaped("\u{8}")
        case "0" where !(next.map { ScalarSet.digit.contains($0.value) } ?? false): return Escaped("\0")
        case "x": return Escaped(try checkedScalar(try hexadecimal(digits: 2)))
        case "u": return Escaped(try unicodeEscape())
        case "!"..."/", ":"..."@", "["..."`", "{"..."~": return Escaped(scalar)
        default:
            at -= 1
            switch scalar {
            case "0"..."9" where inClass: throw fault("is an escape that is not known")
            case "1"..."9", "k": throw unsupported("a back-reference")
            case "p", "P": throw unsupported("a Unicode property")
            default: throw fault("is an escape that is not known")
            }
        }
    }

    /// Reads what follows `\u`: four digits, a surrogate pair of two such escapes, or digits in braces.
    private mutating func unicodeEscape() throws(PatternFault) -> Unicode.Scalar {
        if takes("{") {
            var value: UInt32 = 0
            repeat {
                value = value << 4 + (try hexadecimal(digits: 1))
                guard value <= 0x10FFFF else { throw fault("ends the number of no Unicode scalar", back: 1) }
            } while !takes("}")
            return try checkedScalar(value)
        }
        let value = try hexadecimal(digits: 4)
        guard (0xD800..<0xDC00).contains(value), stands("\\u") else { return try checkedScalar(value) }
        at += 2
        let low = try hexadecimal(digits: 4)
        guard (0xDC00..<0xE000).contains(low) else { throw fault("ends half of a surrogate pair", back: 1) }
        return try checkedScalar(0x10000 + (value - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func hexadecimal(digits: Int) throws(PatternFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = next, scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                throw fault("must be a hexadecimal digit")
            }
            value = value << 4 + UInt32(digit)
            at += 1
        }
        return value
    }

    private func checkedScalar(_ value: UInt32) throws(PatternFault) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { throw fault("ends half of a surrogate pair", back: 1) }
        return scalar
    }
}
