/// A JSON Schema (2020-12) that values are checked against.
///
/// Supported: boolean schemas; `type enum const`; `properties patternProperties additionalProperties propertyNames
/// required minProperties maxProperties dependentRequired`; `items prefixItems minItems maxItems uniqueItems contains`;
/// `minLength maxLength pattern` (in Unicode scalars, see `Pattern`); `minimum maximum exclusiveMinimum
/// exclusiveMaximum multipleOf` (by exact decimal value); `allOf anyOf oneOf not if then else`; `$defs` and `$ref` to a
/// place in the same document. Annotations are taken and mean nothing, `format` among them; names that start with
/// `x-` are annotations. Any other keyword is refused, for a rule that is not enforced must not look as if it were.
package struct JSONSchema: Sendable {
    /// The schema as its provider wrote it.
    package let source: JSON
    /// The root first; references between them are indices.
    let subschemas: [Subschema]

    /// Reads a schema that stands at `pointer` of the provider's document.
    /// - Throws: `SchemaFault` with every keyword that is wrong or not supported.
    package init(_ schema: JSON, at pointer: String = "#") throws(SchemaFault) {
        var compiler = SchemaCompiler(base: pointer)
        subschemas = try compiler.compile(document: schema)
        source = schema
    }

    /// Everything that is wrong with a value that stands at `pointer` of the consumer's document; empty when valid.
    ///
    /// The work is bounded: a check that takes more than `maxSteps` is given up, with one violation that says so.
    package func violations(in value: JSON, at pointer: String) -> [Violation] {
        var run = SchemaRun(self, base: pointer)
        return run.violations(in: value)
    }

    /// What one check may take, where the simplest rule on one value takes 10: well under a second.
    static let maxSteps = 20_000_000

    /// How many schemas may be at work inside each other: six for every level of a document that the agent takes.
    /// It bounds our own recursion.
    static let maxDepth = 200
}

/// What is wrong with a schema: at least one violation.
package struct SchemaFault: Error, Hashable {
    package let violations: [Violation]
}

/// One schema inside a document of schemas.
struct Subschema: Sendable {
    /// Pointer inside the document of schemas: `#/$defs/name`.
    let location: String
    var rules: [SchemaRule] = []
}

/// One thing that a schema asks for; numbers in place of schemas are indices into `JSONSchema.subschemas`.
enum SchemaRule: Sendable {
    case never
    case types([SchemaType])
    case choices([JSON], size: Int)
    case constant(JSON, size: Int)
    case reference(Int)
    case all([Int])
    case any([Int])
    case one([Int])
    case not(Int)
    case condition(Int, then: Int?, else: Int?)
    case atLeast(ExactNumber)
    case atMost(ExactNumber)
    case above(ExactNumber)
    case below(ExactNumber)
    case multipleOf(ExactNumber)
    case minLength(Int)
    case maxLength(Int)
    case pattern(Pattern)
    case members(SchemaMembers)
    case memberNames(Int)
    case required([String])
    case requiredWith([(name: String, needed: [String])])
    case minMembers(Int)
    case maxMembers(Int)
    case elements(first: [Int], rest: Int?)
    case contains(Int)
    case unique
    case minElements(Int)
    case maxElements(Int)
}

/// The rules that decide which schema a member of an object has to meet.
struct SchemaMembers: Sendable {
    var named: [String: Int] = [:]
    /// The names of `named` as the schema orders them.
    var names: [String] = []
    var matching: [(pattern: Pattern, schema: Int)] = []
    /// For members that are neither named nor match.
    var others: Int?
}

/// The words of the keyword `type`.
enum SchemaType: String, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object

    func accepts(_ value: JSON) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.number, .number), (.string, .string), (.array, .array),
            (.object, .object):
            true
        case (.integer, .number(let number)): ExactNumber(number).isInteger
        default: false
        }
    }

    /// The type as a noun: `a string`, `an integer`, `null`.
    var noun: String {
        switch self {
        case .null: "null"
        case .integer, .array, .object: "an \(rawValue)"
        case .boolean, .number, .string: "a \(rawValue)"
        }
    }
}
