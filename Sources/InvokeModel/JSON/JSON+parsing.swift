import OrderedCollections

/// How large a document may be before it is refused, whatever it says.
public struct JSONLimits: Sendable {
    /// Arrays and objects within each other.
    public var depth: Int
    /// Values in all.
    public var nodes: Int
    /// Of one member's name, in UTF-8.
    public var keyBytes: Int

    /// The limits for what strangers send, unless told otherwise.
    public init(depth: Int = 32, nodes: Int = 10_000, keyBytes: Int = 256) {
        self.depth = depth
        self.nodes = nodes
        self.keyBytes = keyBytes
    }
}

/// Why bytes are not a JSON document that we take.
public enum JSONFault: Error, Equatable {
    /// Not JSON; the text says what was found, the offset counts bytes from 0.
    case malformed(String, offset: Int)
    /// JSON, but deeper, larger or with longer keys than the limits allow.
    case tooComplex(String)
}

extension JSON {
    /// Reads one document that fills all of the bytes.
    ///
    /// Refused beyond the grammar of RFC 8259: duplicate keys, a NUL in a string, bytes after the document.
    /// - Throws: `JSONFault.malformed`, or `.tooComplex` as soon as a limit is passed.
    public init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONFault) {
        let result: Result<JSON, JSONFault>? = bytes.withContiguousStorageIfAvailable { buffer in
            Self.parse(buffer, limits)
        }
        self = try (result ?? Array(bytes).withUnsafeBufferPointer { Self.parse($0, limits) }).get()
    }

    /// Reads one document that fills all of the text.
    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONFault) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    private static func parse(_ buffer: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) -> Result<JSON, JSONFault> {
        var parser = JSONParser(bytes: buffer, limits: limits)
        return Result { () throws(JSONFault) in try parser.document() }
    }
}

/// A recursive-descent reader whose recursion the depth limit bounds.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    var at = 0
    var nodes = 0

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONFault) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard at == bytes.count else { throw fault("unexpected text after the document") }
        return value
    }

    private func fault(_ text: String) -> JSONFault { .malformed(text, offset: at) }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0D) {
            guard bytes[at] != 0x0B, bytes[at] != 0x0C else { return }
            at += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSON {
        nodes += 1
        guard nodes <= limits.nodes else { throw .tooComplex("more than \(limits.nodes) values in one document") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return .number(try number())
        case nil: throw fault("the document ends where a value is expected")
        default: throw fault("a value is expected here")
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONFault) {
        guard depth <= limits.depth else { throw .tooComplex("nested deeper than \(limits.depth) levels") }
    }

    private mutating func object(depth: Int) throws(JSONFault) -> JSON {
        try checkDepth(depth)
        at += 1
        var members: OrderedDictionary<String, JSON> = [:]
        skipSpace()
        if next == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault("a member name in double quotes is expected") }
            let start = at
            let key = try string()
            guard key.utf8.count <= limits.keyBytes else {
                throw .tooComplex("a member name is longer than \(limits.keyBytes) bytes")
            }
            guard members[key] == nil else {
                at = start
                throw fault("the member \"\(key.prefix(64))\" stands twice in one object")
            }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw fault("a colon is expected after a member name") }
            at += 1
            members[key] = try value(depth: depth)
            skipSpace()
            switch next {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return .object(members)
            default: throw fault("a comma or a closing brace is expected")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONFault) -> JSON {
        try checkDepth(depth)
        at += 1
        var elements: [JSON] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            at += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            switch next {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .array(elements)
            default: throw fault("a comma or a closing bracket is expected")
            }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONFault) -> JSON {
        let length = word.utf8CodeUnitCount
        guard at + length <= bytes.count,
            (0..<length).allSatisfy({ bytes[at + $0] == word.utf8Start[$0] })
        else { throw fault("a value is expected here") }
        at += length
        return value
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = next, byte >= 0x30, byte <= 0x39 { at += 1 }
        return at - start
    }

    private mutating func number() throws(JSONFault) -> JSONNumber {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let first = next
        let whole = digits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { throw fault("this is not a JSON number") }
        if next == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { throw fault("a digit is expected after the decimal point") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw fault("a digit is expected in the exponent") }
        }
        return JSONNumber(validText: String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func string() throws(JSONFault) -> String {
        at += 1
        let start = at
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
        guard next != UInt8(ascii: "\"") else {
            let text = try text(of: bytes[start..<at], from: start)
            at += 1
            return text
        }
        return try escapedString(from: start)
    }

    private func text(of slice: some Sequence<UInt8>, from start: Int) throws(JSONFault) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw .malformed("a string is not valid UTF-8", offset: start)
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var unescaped = Array(bytes[start..<at])
        while true {
            guard let byte = next else { throw fault("a string is not closed") }
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(of: unescaped, from: start)
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20:
                at -= 1
                throw fault("a control character in a string must be escaped")
            default: unescaped.append(byte)
            }
        }
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(JSONFault) {
        guard let byte = next else { throw fault("a string is not closed") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): unescaped.append(contentsOf: Unicode.UTF8.encode(try scalar())?.map { $0 } ?? [])
        default:
            at -= 1
            throw fault("unknown escape in a string")
        }
    }

    private mutating func scalar() throws(JSONFault) -> Unicode.Scalar {
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard next == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") else {
                throw fault("half of a surrogate pair in a string")
            }
            at += 2
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw fault("half of a surrogate pair in a string") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair in a string") }
        guard code != 0 else { throw fault("a NUL in a string is not taken") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("four hexadecimal digits are expected after \\u")
            }
            code = code << 4 + UInt32(digit)
            at += 1
        }
        return code
    }
}
