/// References between schemas: where they lead, and that they end.
extension SchemaCompiler {
    /// How many schemas may apply to one and the same value in a row, each by way of the one before.
    private static let maxChain = 64

    mutating func resolve(_ target: String, of index: Int, at location: String) {
        guard target.hasPrefix("#"), let place = Self.location(of: target) else {
            fault(location, "must be a place in this document, such as `#/$defs/name`")
            return
        }
        guard let found = indexByLocation[place] else {
            fault(location, "leads to no schema of this document")
            return
        }
        subschemas[index].rules.append(.reference(found))
    }

    /// The pointer in our own spelling, whatever was percent-encoded; nil when it is not a JSON pointer.
    private static func location(of target: String) -> String? {
        guard target != "#" else { return target }
        guard target.hasPrefix("#/") else { return nil }
        var location = "#"
        for token in target.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = decoded(token) else { return nil }
            location = pointer(location, text)
        }
        return location
    }

    /// A reference token without percent-encoding and then without `~0` and `~1` (RFC 6901, section 6).
    private static func decoded(_ token: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = token.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let code = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var plain = String.UnicodeScalarView()
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "~" else {
                plain.append(scalar)
                continue
            }
            switch scalars.popFirst() {
            case "0": plain.append("~")
            case "1": plain.append("/")
            default: return nil
            }
        }
        return String(plain)
    }

    /// Refuses schemas that lead back to themselves on one and the same value: they would never end.
    mutating func findLoops() {
        var heights = [Int?](repeating: nil, count: subschemas.count)
        var path: Set<Int> = []
        for index in subschemas.indices where !measure(index, &heights, &path) { return }
    }

    /// Notes how long the longest chain from a schema is; false, with a fault, when there is none or it is too long.
    private mutating func measure(_ index: Int, _ heights: inout [Int?], _ path: inout Set<Int>) -> Bool {
        guard heights[index] == nil else { return true }
        guard path.insert(index).inserted else {
            fault(subschemas[index].location, "leads back to itself by `$ref` without going into the value")
            return false
        }
        guard path.count <= Self.maxChain else {
            fault(subschemas[index].location, "comes after \(Self.maxChain) schemas that refer to each other in a row")
            return false
        }
        var height = 0
        for next in subschemas[index].rules.flatMap(\.appliedToSameValue) {
            guard measure(next, &heights, &path) else { return false }
            height = max(height, (heights[next] ?? 0) + 1)
        }
        guard height <= Self.maxChain else {
            fault(
                subschemas[index].location,
                "starts more than \(Self.maxChain) schemas that refer to each other in a row"
            )
            return false
        }
        path.remove(index)
        heights[index] = height
        return true
    }
}

extension SchemaRule {
    /// The schemas that the rule applies to the very value it looks at.
    fileprivate var appliedToSameValue: [Int] {
        switch self {
        case .reference(let index), .not(let index): [index]
        case .all(let indices), .any(let indices), .one(let indices): indices
        case .condition(let condition, let yes, let no): [condition] + [yes, no].compactMap(\.self)
        default: []
        }
    }
}
