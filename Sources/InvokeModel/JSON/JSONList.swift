/// A document that is a list, or an object with a list in it, cut into the list's elements without reading them.
///
/// It is for documents of our own: cutting does not check the elements' grammar, parsing each does.
package struct JSONList: Sendable {
    /// The elements as they are written, without the white space around them.
    package let elements: [ArraySlice<UInt8>]
    /// The document with no elements in its list.
    package let rest: JSON

    /// Cuts the array that is the member `name` of the document, or the document itself without a name.
    ///
    /// A member whose name is written with escapes is not found.
    /// - Throws: `JSONFault.malformed` when there is no such array, and what parsing the rest throws.
    package init(_ name: String?, in bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONFault) {
        let ranges = bytes.withUnsafeBufferPointer { buffer in
            var cutter = JSONCutter(bytes: buffer)
            return cutter.find(name) ? cutter.elements() : nil
        }
        guard let ranges else { throw .malformed("there is no list", offset: 0) }
        elements = ranges.map { bytes[$0] }
        guard let first = ranges.first, let last = ranges.last else {
            rest = try JSON(parsing: bytes, limits: limits)
            return
        }
        rest = try JSON(parsing: bytes[..<first.lowerBound] + bytes[last.upperBound...], limits: limits)
    }
}

/// Moves over values without reading them.
private struct JSONCutter {
    let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// Moves to the document's member with this name, or to the document itself.
    mutating func find(_ name: String?) -> Bool {
        skipSpace()
        guard let name else { return true }
        guard take("{") else { return false }
        while next == UInt8(ascii: "\"") {
            let start = at + 1
            skipString()
            let isFound = bytes[start..<max(start, at - 1)].elementsEqual(name.utf8)
            guard take(":") else { return false }
            if isFound { return true }
            skipValue()
            guard take(",") else { return false }
        }
        return false
    }

    /// Where the elements of the array that begins here stand; nil when none does, or it does not end.
    mutating func elements() -> [Range<Int>]? {
        guard take("[") else { return nil }
        var elements: [Range<Int>] = []
        if take("]") { return elements }
        while true {
            let start = at
            skipValue()
            elements.append(start..<at)
            if take("]") { return elements }
            guard at > start, take(",") else { return nil }
        }
    }

    /// Moves over this byte with the white space around it, if it comes next.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: byte) else { return false }
        at += 1
        skipSpace()
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    private mutating func skipString() {
        at += 1
        while let byte = next, byte != UInt8(ascii: "\"") { at += byte == UInt8(ascii: "\\") ? 2 : 1 }
        at = min(at + 1, bytes.count)
    }

    /// Moves to the end of the value that begins here.
    private mutating func skipValue() {
        var depth = 0
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return }
                depth -= 1
                at += 1
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","):
                guard depth > 0 else { return }
                at += 1
            default:
                at += 1
                continue
            }
            if depth == 0 { return }
        }
    }
}
