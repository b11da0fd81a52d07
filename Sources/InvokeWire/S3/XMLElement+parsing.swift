extension XMLElement {
    /// Why a document is not read.
    package struct Malformed: Error {}

    /// Reads the small documents that S3's clients send. Attributes are passed over; what only larger documents have, such
    /// as declarations of entities, is refused.
    package init(parsing bytes: [UInt8]) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        var parser = XMLParser(rest: text.unicodeScalars[...])
        self = try parser.document()
    }
}

private struct XMLParser {
    var rest: Substring.UnicodeScalarView

    typealias Malformed = XMLElement.Malformed

    private static let deepest = 8

    mutating func document() throws(Malformed) -> XMLElement {
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        try skipMisc()
        let root = try element(depth: 0)
        try skipMisc()
        guard rest.isEmpty else { throw Malformed() }
        return root
    }

    private mutating func skipMisc() throws(Malformed) {
        while true {
            rest = rest.drop { $0.properties.isWhitespace }
            if take("<?") {
                try skip(past: "?>")
            } else if take("<!--") {
                try skip(past: "-->")
            } else {
                return
            }
        }
    }

    private mutating func element(depth: Int) throws(Malformed) -> XMLElement {
        guard depth < Self.deepest, take("<") else { throw Malformed() }
        let name = try tagName()
        // A quoted value may hold what ends a tag otherwise.
        var quote: Unicode.Scalar?
        var isEmpty = false
        while let scalar = rest.popFirst() {
            if let open = quote {
                if scalar == open { quote = nil }
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar == ">" {
                return isEmpty ? XMLElement(name, "") : try content(of: name, depth: depth)
            }
            isEmpty = quote == nil && scalar == "/"
        }
        throw Malformed()
    }

    private mutating func tagName() throws(Malformed) -> String {
        let name = rest.prefix { !$0.properties.isWhitespace && $0 != ">" && $0 != "/" }
        guard let first = name.first, first.properties.isAlphabetic else { throw Malformed() }
        rest = rest[name.endIndex...]
        return String(name)
    }

    private mutating func content(of name: String, depth: Int) throws(Malformed) -> XMLElement {
        var element = XMLElement(name, "")
        while true {
            if take("</") {
                guard try tagName() == name else { throw Malformed() }
                rest = rest.drop { $0.properties.isWhitespace }
                guard take(">") else { throw Malformed() }
                if !element.children.isEmpty { element.text = "" }
                return element
            } else if take("<!--") {
                try skip(past: "-->")
            } else if rest.first == "<" {
                element.children.append(try self.element(depth: depth + 1))
            } else if let scalar = rest.popFirst() {
                element.text.unicodeScalars.append(scalar == "&" ? try reference() : scalar)
            } else {
                throw Malformed()
            }
        }
    }

    private mutating func reference() throws(Malformed) -> Unicode.Scalar {
        let name = String(rest.prefix(12).prefix { $0 != ";" })
        rest = rest.dropFirst(name.unicodeScalars.count)
        guard take(";") else { throw Malformed() }
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { throw Malformed() }
            let digits = name.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard let scalar = number.flatMap(Unicode.Scalar.init), scalar != "\0" else { throw Malformed() }
            return scalar
        }
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }

    private mutating func skip(past end: String) throws(Malformed) {
        while !rest.isEmpty {
            if take(end) { return }
            rest.removeFirst()
        }
        throw Malformed()
    }
}
