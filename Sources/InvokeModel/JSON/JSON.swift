package import OrderedCollections

/// One JSON value. Objects keep the order of their members; numbers keep the digits they were written with.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(OrderedDictionary<String, JSON>)
}

/// A number as its JSON text (RFC 8259, section 6), so that no digit of a consumer's value is lost on the way.
package struct JSONNumber: Sendable, Hashable {
    package let text: String

    /// Takes text that is already known to follow the JSON number grammar.
    package init(validText text: String) { self.text = text }

    package init(_ value: Int) { text = String(value) }

    /// The value as an integer, or nil when it has a fraction or does not fit; `1.0` and `1e2` are integers.
    package var int: Int? { Int(text) ?? ExactNumber(self).int }

    /// The nearest double; infinite when the number is out of range.
    package var double: Double { Double(text) ?? .nan }
}

extension JSON {
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }
    package var int: Int? { number?.int }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var object: OrderedDictionary<String, JSON>? { if case .object(let value) = self { value } else { nil } }

    /// The member of an object, nil for a missing member and for anything that is not an object.
    package subscript(_ member: String) -> JSON? { object?[member] }

    /// The JSON word for the kind of value this is.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The kind of value with its article: `a string`, `an object`, `null`.
    package var noun: String {
        switch self {
        case .null: "null"
        case .array, .object: "an \(kind)"
        case .bool, .number, .string: "a \(kind)"
        }
    }

    /// Equality as JSON means it: the order of members does not count, numbers are compared by exact value, and
    /// strings by their scalars, where Swift would find canonically equivalent ones equal.
    package func isEquivalent(to other: JSON) -> Bool {
        switch (self, other) {
        case (.number(let one), .number(let two)):
            one.text == two.text || ExactNumber(one) == ExactNumber(two)
        case (.string(let one), .string(let two)):
            one.utf8.elementsEqual(two.utf8)
        case (.array(let one), .array(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let one), .object(let two)):
            one.count == two.count
                && one.allSatisfy { key, value in two[key].map { value.isEquivalent(to: $0) } ?? false }
        default:
            self == other
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(OrderedDictionary(uniqueKeysWithValues: elements))
    }
}
