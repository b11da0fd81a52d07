import OrderedCollections

/// Turns a document of schemas into rules and finds everything wrong with it on the way.
struct SchemaCompiler {
    private let base: String
    var faults: [Violation] = []
    var subschemas: [Subschema] = []
    var indexByLocation: [String: Int] = [:]
    /// References found, by the schema they stand in; they are followed when all schemas are known.
    private var references: [(schema: Int, target: String, location: String)] = []

    init(base: String) { self.base = base }

    mutating func compile(document: JSON) throws(SchemaFault) -> [Subschema] {
        _ = compile(document, at: "#")
        for reference in references { resolve(reference.target, of: reference.schema, at: reference.location) }
        if faults.isEmpty { findLoops() }
        guard faults.isEmpty else { throw SchemaFault(violations: faults) }
        return subschemas
    }

    /// The longest pointer in bytes, so that a document of many schemas can't make us keep many long pointers.
    private static let maxLocation = 1_000

    mutating func fault(_ location: String, _ text: String) {
        faults.append(Violation(base + location.dropFirst(), text))
    }

    /// Compiles one schema and those inside it; recursion is bounded by the depth of the document.
    mutating func compile(_ schema: JSON, at location: String) -> Int {
        let index = subschemas.count
        subschemas.append(Subschema(location: location))
        guard location.utf8.count <= Self.maxLocation else {
            fault(location, "is nested below names that are too long")
            return index
        }
        indexByLocation[location] = index
        switch schema {
        case .bool(true): break
        case .bool(false): subschemas[index].rules = [.never]
        case .object(let keywords):
            var rules: [SchemaRule] = []
            for (keyword, value) in keywords {
                let rule = rule(keyword, value, in: keywords, of: index, at: pointer(location, keyword))
                guard let rule else { continue }
                // The type comes first: when it is wrong, the other rules have nothing to say.
                if case .types = rule { rules.insert(rule, at: 0) } else { rules.append(rule) }
            }
            subschemas[index].rules = rules
        default: fault(location, "must be a schema: an object or a boolean, not \(schema.noun)")
        }
        return index
    }

    private mutating func rule(
        _ keyword: String,
        _ value: JSON,
        in all: OrderedDictionary<String, JSON>,
        of index: Int,
        at location: String
    ) -> SchemaRule? {
        switch keyword {
        case "type": return types(value, location).map { .types($0) }
        case "enum": return choices(value, location)
        case "const": return .constant(value, size: value.size)
        case "$ref":
            guard let target = value.string else {
                fault(location, "must be a string, not \(value.noun)")
                return nil
            }
            references.append((index, target, location))
            return nil
        case "$defs":
            _ = schemasByName(value, location)
            return nil
        case "$id" where index != 0:
            fault(location, "is supported at the root only")
            return nil
        case "$schema", "$id", "$comment", "title", "description", "default", "examples", "format", "deprecated",
            "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema":
            return nil
        default: break
        }
        if let rule = composition(keyword, value, in: all, at: location) { return rule }
        if let rule = objectRule(keyword, value, in: all, at: location) { return rule }
        if let rule = arrayRule(keyword, value, in: all, at: location) { return rule }
        if let rule = scalarRule(keyword, value, at: location) { return rule }
        if !Self.known.contains(keyword), !keyword.hasPrefix("x-") {
            let hint = nearestName(to: keyword, among: Self.known.sorted()).map { "; did you mean `\($0)`?" } ?? ""
            fault(location, (Self.replacements[keyword] ?? "is not a supported keyword") + hint)
        }
        return nil
    }

    /// Every keyword that has a rule, for those whose rule is made with another one and for suggestions.
    private static let known: Set<String> = [
        "type", "enum", "const", "$ref", "$defs", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "properties",
        "patternProperties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties",
        "dependentRequired", "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minLength",
        "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ]

    /// What to say about keywords of older drafts.
    private static let replacements = [
        "definitions": "is not supported; write `$defs`",
        "additionalItems": "is not supported; write `prefixItems` and `items`",
        "dependencies": "is not supported; write `dependentRequired` or `if` and `then`",
    ]

    private mutating func types(_ value: JSON, _ location: String) -> [SchemaType]? {
        let words = value.array ?? [value]
        guard !words.isEmpty else {
            fault(location, "must name at least one type")
            return nil
        }
        var types: [SchemaType] = []
        for word in words {
            guard let type = word.string.flatMap(SchemaType.init) else {
                let all = SchemaType.allCases.map(\.rawValue).joined(separator: ", ")
                fault(location, "must be one of \(all), or an array of these")
                return nil
            }
            types.append(type)
        }
        return types
    }

    private mutating func choices(_ value: JSON, _ location: String) -> SchemaRule? {
        guard let choices = value.array, !choices.isEmpty else {
            fault(location, "must be an array with at least one value")
            return nil
        }
        return .choices(choices, size: value.size)
    }
}

// MARK: - Values of keywords

extension SchemaCompiler {
    mutating func schemas(_ value: JSON, _ location: String) -> [Int]? {
        guard let schemas = value.array, !schemas.isEmpty else {
            fault(location, "must be an array with at least one schema")
            return nil
        }
        return schemas.enumerated().map { compile($0.element, at: pointer(location, String($0.offset))) }
    }

    mutating func schemasByName(_ value: JSON, _ location: String) -> [(name: String, index: Int)] {
        guard let schemas = value.object else {
            fault(location, "must be an object of schemas, not \(value.noun)")
            return []
        }
        return schemas.map { ($0.key, compile($0.value, at: pointer(location, $0.key))) }
    }

    mutating func pattern(_ text: String, _ location: String) -> Pattern? {
        do throws(PatternFault) {
            return try Pattern(text)
        } catch {
            fault(location, error.text)
            return nil
        }
    }

    mutating func number(_ value: JSON, _ location: String) -> ExactNumber? {
        guard let number = value.number else {
            fault(location, "must be a number, not \(value.noun)")
            return nil
        }
        return ExactNumber(number)
    }

    mutating func count(_ value: JSON, _ location: String) -> Int? {
        guard let count = value.number.flatMap({ ExactNumber($0).int }), count >= 0 else {
            fault(location, "must be an integer from 0")
            return nil
        }
        return count
    }

    mutating func names(_ value: JSON, _ location: String) -> [String]? {
        let names = value.array?.compactMap(\.string)
        guard let names, names.count == value.array?.count, Set(names).count == names.count else {
            fault(location, "must be an array of different strings")
            return nil
        }
        return names
    }
}
