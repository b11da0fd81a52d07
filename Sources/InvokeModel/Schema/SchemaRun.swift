/// One check of one value: walks value and schema together and collects what is wrong.
struct SchemaRun {
    let schema: JSONSchema
    private let base: String
    var path: [String] = []
    private var findings: [SchemaFinding] = []
    var steps = JSONSchema.maxSteps
    private var depth = 0
    var givenUp = false

    init(_ schema: JSONSchema, base: String) {
        self.schema = schema
        self.base = base
    }

    mutating func violations(in value: JSON) -> [Violation] {
        check(0, value)
        guard !givenUp else {
            return [Violation(base, "is too complex to be checked against its schema; the check was given up")]
        }
        return findings.map(\.violation)
    }

    /// Takes the cost of some work off what is left; false when there is nothing left.
    mutating func spend(_ cost: Int) -> Bool {
        steps -= cost
        if steps < 0 { givenUp = true }
        return !givenUp
    }

    /// Notes a violation at the present place, or at a member of it.
    ///
    /// `decisive`: the value is of another kind than the schema speaks of, so that in a choice of schemas this one is
    /// hardly the one that was meant.
    mutating func find(_ detail: String, at member: String? = nil, decisive: Bool = false) {
        guard spend(50 + path.count * 10) else { return }
        var place = path.reduce(base) { pointer($0, $1) }
        if let member { place = pointer(place, member) }
        let finding = SchemaFinding(
            violation: Violation(place, detail),
            depth: path.count + (member == nil ? 0 : 1),
            decisive: decisive
        )
        findings.append(finding)
    }

    mutating func check(_ index: Int, _ value: JSON) {
        guard depth < JSONSchema.maxDepth else {
            givenUp = true
            return
        }
        guard spend(10) else { return }
        depth += 1
        defer { depth -= 1 }
        for rule in schema.subschemas[index].rules {
            guard spend(10) else { return }
            if case .types(let types) = rule {
                guard types.contains(where: { $0.accepts(value) }) else {
                    find("must be \(listed(types.map(\.noun))), not \(value.noun(for: types))", decisive: true)
                    return
                }
            } else {
                apply(rule, value)
            }
        }
    }

    mutating func check(_ index: Int, _ value: JSON, below token: String) {
        path.append(token)
        check(index, value)
        path.removeLast()
    }

    /// What would be found, without finding it.
    mutating func trial(_ index: Int, _ value: JSON) -> [SchemaFinding] {
        let before = findings
        findings = []
        check(index, value)
        defer { findings = before }
        return findings
    }

    private mutating func apply(_ rule: SchemaRule, _ value: JSON) {
        switch (rule, value) {
        case (.never, _): find("is not allowed here", decisive: true)
        case (.choices(let choices, let size), _): check(value, isOneOf: choices, size: size)
        case (.constant(let constant, let size), _):
            guard spend(size), !constant.isEquivalent(to: value) else { return }
            find("must be \(constant.shown)", decisive: true)
        case (.reference(let index), _): check(index, value)
        case (.all(let indices), _): for index in indices { check(index, value) }
        case (.any(let indices), _): checkAny(indices, value)
        case (.one(let indices), _): checkOne(indices, value)
        case (.not(let index), _):
            if trial(index, value).isEmpty { find("is excluded by the schema at \(schema.subschemas[index].location)") }
        case (.condition(let index, let yes, let no), _):
            let holds = trial(index, value).isEmpty
            if let next = holds ? yes : no { check(next, value) }
        case (_, .number(let number)): check(number, rule)
        case (_, .string(let text)): check(text, rule)
        case (_, .array(let elements)): check(elements, rule)
        case (_, .object(let members)): check(members, rule)
        default: break
        }
    }

    private mutating func check(_ value: JSON, isOneOf choices: [JSON], size: Int) {
        guard spend(size), !choices.contains(where: { $0.isEquivalent(to: value) }) else { return }
        let near = value.string.flatMap { nearestName(to: $0, among: choices.compactMap(\.string)) }
        let shown = choices.prefix(12).map(\.shown).joined(separator: ", ")
        let more = choices.count > 12 ? " and \(choices.count - 12) more" : ""
        let hint = near.map { "; did you mean `\($0)`?" } ?? ""
        find(choices.count == 1 ? "must be \(shown)" : "must be one of \(shown)\(more)\(hint)", decisive: true)
    }
}

// MARK: - Choices of schemas

extension SchemaRun {
    private mutating func checkAny(_ indices: [Int], _ value: JSON) {
        var failures: [[SchemaFinding]] = []
        for index in indices {
            let failure = trial(index, value)
            if failure.isEmpty { return }
            failures.append(failure)
        }
        report(failures)
    }

    private mutating func checkOne(_ indices: [Int], _ value: JSON) {
        var failures: [[SchemaFinding]] = []
        var passed: [Int] = []
        for (number, index) in indices.enumerated() {
            let failure = trial(index, value)
            if failure.isEmpty { passed.append(number + 1) } else { failures.append(failure) }
        }
        guard passed.count != 1 else { return }
        guard passed.isEmpty else {
            find("must match exactly one of \(indices.count) alternatives, but matches \(passed.count) of them")
            return
        }
        report(failures)
    }

    /// Reports the alternative that the value comes closest to; all of them when none is close.
    private mutating func report(_ failures: [[SchemaFinding]]) {
        // A wrong kind here or one level down (a member that names the alternative) says that another was meant.
        let close = failures.filter { failure in
            !failure.contains { $0.decisive && $0.depth <= path.count + 1 }
        }
        if let closest = close.min(by: { $0.count < $1.count }) ?? (failures.count == 1 ? failures[0] : nil) {
            findings += closest
            return
        }
        let here = path.reduce(base) { pointer($0, $1) }
        var reasons: [String] = []
        for failure in failures {
            guard let worst = (failure.first(where: \.decisive) ?? failure.first)?.violation else { continue }
            let reason = worst.pointer == here ? worst.detail : "\(worst.pointer) \(worst.detail)"
            if !reasons.contains(reason), reasons.count < 5 { reasons.append(reason) }
        }
        find("matches none of \(failures.count) alternatives: " + reasons.joined(separator: "; or "), decisive: true)
    }
}

/// One violation and how it weighs among alternatives.
struct SchemaFinding {
    let violation: Violation
    /// How deep in the value it was found.
    let depth: Int
    let decisive: Bool
}

/// `a`, `a or b`, `a, b or c`.
private func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
