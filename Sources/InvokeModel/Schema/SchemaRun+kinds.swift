import OrderedCollections

// MARK: - Numbers and strings

extension SchemaRun {
    mutating func check(_ number: JSONNumber, _ rule: SchemaRule) {
        guard spend(number.text.utf8.count) else { return }
        let value = ExactNumber(number)
        switch rule {
        case .atLeast(let bound): if value < bound { find("must be at least \(bound.shown)") }
        case .atMost(let bound): if value > bound { find("must be at most \(bound.shown)") }
        case .above(let bound): if value <= bound { find("must be above \(bound.shown)") }
        case .below(let bound): if value >= bound { find("must be below \(bound.shown)") }
        case .multipleOf(let divisor):
            if !value.isMultiple(of: divisor) { find("must be a multiple of \(divisor.shown)") }
        default: break
        }
    }

    mutating func check(_ text: String, _ rule: SchemaRule) {
        switch rule {
        case .minLength(let least):
            guard let length = length(of: text), length < least else { return }
            find("must have at least \(counted(least, "character")), not \(length)")
        case .maxLength(let most):
            guard let length = length(of: text), length > most else { return }
            find("must have at most \(counted(most, "character")), not \(length)")
        case .pattern(let pattern):
            guard let matches = pattern.matches(text, steps: &steps) else {
                givenUp = true
                return
            }
            if !matches { find("must match the pattern \(pattern.text)") }
        default: break
        }
    }

    private mutating func length(of text: String) -> Int? {
        spend(text.utf8.count / 16) ? text.unicodeScalars.count : nil
    }
}

// MARK: - Arrays and objects

extension SchemaRun {
    mutating func check(_ elements: [JSON], _ rule: SchemaRule) {
        switch rule {
        case .elements(let first, let rest):
            for (index, element) in elements.enumerated() {
                guard let schema = index < first.count ? first[index] : rest else { return }
                check(schema, element, below: String(index))
            }
        case .contains(let index):
            for (place, element) in elements.enumerated() {
                path.append(String(place))
                let failure = trial(index, element)
                path.removeLast()
                if failure.isEmpty { return }
            }
            find("must contain an element that matches the schema at \(schema.subschemas[index].location)")
        case .unique: checkUnique(elements)
        case .minElements(let least):
            if elements.count < least { find("must have at least \(counted(least, "element")), not \(elements.count)") }
        case .maxElements(let most):
            if elements.count > most { find("must have at most \(counted(most, "element")), not \(elements.count)") }
        default: break
        }
    }

    private mutating func checkUnique(_ elements: [JSON]) {
        var first: [[UInt8]: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard spend(element.size) else { return }
            // Bytes and not texts, which Swift compares by canonical equivalence.
            let key = element.withExactNumbers.bytes(sorted: true)
            if let earlier = first[key] {
                find("is the same as element \(earlier)", at: String(index))
            } else {
                first[key] = index
            }
        }
    }

    mutating func check(_ members: OrderedDictionary<String, JSON>, _ rule: SchemaRule) {
        switch rule {
        case .members(let rules): for (name, value) in members { check(name, value, of: members, rules) }
        case .memberNames(let index):
            for (name, _) in members {
                path.append(name)
                let failure = trial(index, .string(name))
                for finding in failure { find("has a name that is refused: the name \(finding.violation.detail)") }
                path.removeLast()
            }
        case .required(let names):
            for name in names where members[name] == nil { find("is required", at: name) }
        case .requiredWith(let needs):
            for (name, needed) in needs where members[name] != nil {
                for other in needed where members[other] == nil {
                    find("is required when `\(name)` is given", at: other)
                }
            }
        case .minMembers(let least):
            if members.count < least { find("must have at least \(counted(least, "member")), not \(members.count)") }
        case .maxMembers(let most):
            if members.count > most { find("must have at most \(counted(most, "member")), not \(members.count)") }
        default: break
        }
    }

    private mutating func check(
        _ name: String,
        _ value: JSON,
        of members: OrderedDictionary<String, JSON>,
        _ rules: SchemaMembers
    ) {
        guard spend(10) else { return }
        var isKnown = false
        if let schema = rules.named[name] {
            isKnown = true
            check(schema, value, below: name)
        }
        for (pattern, schema) in rules.matching {
            guard spend(10), let matches = pattern.matches(name, steps: &steps) else {
                givenUp = true
                return
            }
            guard matches else { continue }
            isKnown = true
            check(schema, value, below: name)
        }
        guard !isKnown, let others = rules.others else { return }
        guard case .never = schema.subschemas[others].rules.first else {
            check(others, value, below: name)
            return
        }
        guard spend(20 * rules.names.count) else { return }
        let free = rules.names.filter { members[$0] == nil }
        var detail = "unknown member"
        if let near = nearestName(to: name, among: free) {
            detail += "; did you mean `\(near)`?"
        } else if !free.isEmpty, free.count <= 8 {
            detail += "; not used yet: \(free.joined(separator: ", "))"
        }
        find(detail, at: name)
    }
}

/// `1 element`, `2 elements`.
private func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }
