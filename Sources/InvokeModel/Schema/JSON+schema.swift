import OrderedCollections

extension JSON {
    /// What it costs to look at all of the value: one for every member and element, and for every eight bytes of text.
    var size: Int {
        switch self {
        case .null, .bool: 1
        case .number(let number): 1 + number.text.utf8.count / 8
        case .string(let text): 1 + text.utf8.count / 8
        case .array(let elements): elements.reduce(1) { $0 + $1.size }
        case .object(let members): members.reduce(1) { $0 + 1 + $1.key.utf8.count / 8 + $1.value.size }
        }
    }

    /// The value with every number in the one spelling that all equal numbers share.
    var withExactNumbers: JSON {
        switch self {
        case .number(let number): .number(ExactNumber(number).number)
        case .array(let elements): .array(elements.map(\.withExactNumbers))
        case .object(let members): .object(members.mapValues(\.withExactNumbers))
        case .null, .bool, .string: self
        }
    }

    /// The value as it stands in a message: compact, and cut when it is long.
    var shown: String {
        guard size <= 64 else { return "\(noun) (too long to be shown)" }
        return text
    }

    /// What the value is, for a reader who was told that it must be one of `types`.
    func noun(for types: [SchemaType]) -> String {
        if case .number(let number) = self, types.contains(.integer), number.text.utf8.count <= 40 {
            return number.text
        }
        return noun
    }
}

extension ExactNumber {
    /// The number as it stands in a message: without an exponent where that is short.
    var shown: String { int.map(String.init) ?? number.text }
}
