import OrderedCollections

/// Keywords by the kind of value they speak of.
extension SchemaCompiler {
    mutating func composition(
        _ keyword: String,
        _ value: JSON,
        in all: OrderedDictionary<String, JSON>,
        at location: String
    ) -> SchemaRule? {
        switch keyword {
        case "allOf": return schemas(value, location).map { .all($0) }
        case "anyOf": return schemas(value, location).map { .any($0) }
        case "oneOf": return schemas(value, location).map { .one($0) }
        case "not": return .not(compile(value, at: location))
        case "if":
            let parent = String(location.dropLast("/if".count))
            return .condition(
                compile(value, at: location),
                then: all["then"].map { compile($0, at: parent + "/then") },
                else: all["else"].map { compile($0, at: parent + "/else") }
            )
        case "then" where all["if"] == nil, "else" where all["if"] == nil:
            fault(location, "means nothing without `if`")
            return nil
        default: return nil
        }
    }

    mutating func objectRule(
        _ keyword: String,
        _ value: JSON,
        in all: OrderedDictionary<String, JSON>,
        at location: String
    ) -> SchemaRule? {
        switch keyword {
        case "properties", "patternProperties", "additionalProperties":
            // The three make one rule together, at the one that stands first.
            let trio = ["properties", "patternProperties", "additionalProperties"]
            guard all.keys.first(where: trio.contains) == keyword else { return nil }
            return members(all, at: String(location.dropLast(keyword.utf8.count + 1)))
        case "propertyNames": return .memberNames(compile(value, at: location))
        case "required": return names(value, location).map { .required($0) }
        case "minProperties": return count(value, location).map { .minMembers($0) }
        case "maxProperties": return count(value, location).map { .maxMembers($0) }
        case "dependentRequired":
            guard let needs = value.object else {
                fault(location, "must be an object, not \(value.noun)")
                return nil
            }
            var rules: [(name: String, needed: [String])] = []
            for (name, needed) in needs { rules.append((name, names(needed, pointer(location, name)) ?? [])) }
            return .requiredWith(rules)
        default: return nil
        }
    }

    private mutating func members(_ all: OrderedDictionary<String, JSON>, at parent: String) -> SchemaRule {
        var members = SchemaMembers()
        if let properties = all["properties"] {
            let schemas = schemasByName(properties, pointer(parent, "properties"))
            members.names = schemas.map(\.name)
            for (name, schema) in schemas { members.named[name] = schema }
        }
        if let properties = all["patternProperties"] {
            let location = pointer(parent, "patternProperties")
            for (name, schema) in schemasByName(properties, location) {
                guard let pattern = pattern(name, pointer(location, name)) else { continue }
                members.matching.append((pattern, schema))
            }
        }
        members.others = all["additionalProperties"].map { compile($0, at: pointer(parent, "additionalProperties")) }
        return .members(members)
    }

    mutating func arrayRule(
        _ keyword: String,
        _ value: JSON,
        in all: OrderedDictionary<String, JSON>,
        at location: String
    ) -> SchemaRule? {
        switch keyword {
        case "items" where all["prefixItems"] == nil: return .elements(first: [], rest: items(value, location))
        case "prefixItems":
            let parent = String(location.dropLast("/prefixItems".count))
            let rest = all["items"].flatMap { items($0, parent + "/items") }
            return schemas(value, location).map { .elements(first: $0, rest: rest) }
        case "contains": return .contains(compile(value, at: location))
        case "uniqueItems":
            guard let unique = value.bool else {
                fault(location, "must be a boolean, not \(value.noun)")
                return nil
            }
            return unique ? .unique : nil
        case "minItems": return count(value, location).map { .minElements($0) }
        case "maxItems": return count(value, location).map { .maxElements($0) }
        default: return nil
        }
    }

    private mutating func items(_ value: JSON, _ location: String) -> Int? {
        guard value.array == nil else {
            fault(location, "must be one schema; write `prefixItems` for a schema per position")
            return nil
        }
        return compile(value, at: location)
    }

    mutating func scalarRule(_ keyword: String, _ value: JSON, at location: String) -> SchemaRule? {
        switch keyword {
        case "minLength": return count(value, location).map { .minLength($0) }
        case "maxLength": return count(value, location).map { .maxLength($0) }
        case "pattern":
            guard let text = value.string else {
                fault(location, "must be a string, not \(value.noun)")
                return nil
            }
            return pattern(text, location).map { .pattern($0) }
        case "minimum": return number(value, location).map { .atLeast($0) }
        case "maximum": return number(value, location).map { .atMost($0) }
        case "exclusiveMinimum": return number(value, location).map { .above($0) }
        case "exclusiveMaximum": return number(value, location).map { .below($0) }
        case "multipleOf":
            guard let divisor = number(value, location) else { return nil }
            guard divisor.isPositive, divisor.significantDigits <= ExactNumber.maxDivisorDigits else {
                fault(location, "must be a number above 0 with at most \(ExactNumber.maxDivisorDigits) digits")
                return nil
            }
            return .multipleOf(divisor)
        default: return nil
        }
    }
}
