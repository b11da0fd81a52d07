public import OrderedCollections

/// One JSON value. Objects keep the order of their members; numbers keep the digits they were written with.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(OrderedDictionary<String, JSON>)
}

/// A number as its JSON text (RFC 8259, section 6), so that no digit of a consumer's value is lost on the way.
public struct JSONNumber: Sendable, Hashable {
    /// The number as it was written.
    public let text: String

    /// Takes text that is already known to follow the JSON number grammar.
    package init(validText text: String) { self.text = text }

    /// A whole number.
    public init(_ value: Int) { text = String(value) }

    /// The value as an integer, or nil when it has a fraction or does not fit; `1.0` and `1e2` are integers.
    public var int: Int? { Int(text) ?? ExactNumber(self).int }

    /// The nearest double; infinite when the number is out of range.
    public var double: Double { Double(text) ?? .nan }
}

extension JSON {
    /// The text; nil for any other value.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The truth value; nil for any other value.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The number; nil for any other value.
    public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }
    /// The whole number; nil for any other value.
    public var int: Int? { number?.int }
    /// The elements; nil for any other value.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members; nil for any other value.
    public var object: OrderedDictionary<String, JSON>? { if case .object(let value) = self { value } else { nil } }

    /// The member of an object, nil for a missing member and for anything that is not an object.
    public subscript(_ member: String) -> JSON? { object?[member] }

    /// The JSON word for the kind of value this is.
    public var kind: String {
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
    public var noun: String {
        switch self {
        case .null: "null"
        case .array, .object: "an \(kind)"
        case .bool, .number, .string: "a \(kind)"
        }
    }

    /// Equality as JSON means it: the order of members does not count, numbers are compared by exact value, and
    /// strings by their scalars, where Swift would find canonically equivalent ones equal.
    public func isEquivalent(to other: JSON) -> Bool {
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
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object; of a name that comes twice, the last value.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(OrderedDictionary(uniqueKeysWithValues: elements))
    }
}
