package import OrderedCollections

/// Everything that is wrong with a document, found in one pass.
package struct Invalid: Error, Hashable {
    package let violations: [Violation]

    package init(_ violations: [Violation]) { self.violations = violations }
    package init(_ pointer: String, _ detail: String) { violations = [Violation(pointer, detail)] }
}

/// An asset as a caller names it.
package struct AssetReference: Sendable, Hashable {
    /// As written: whether it names anything is found out later.
    package let did: String
    /// Proof that the asset is paid for. Secret.
    package let purchaseToken: String?
    /// The credential with which another agent gives the asset out. Secret.
    package let accessToken: String?

    package init(did: String, purchaseToken: String? = nil, accessToken: String? = nil) {
        self.did = did
        self.purchaseToken = purchaseToken
        self.accessToken = accessToken
    }
}

/// What a caller asks of an operation, in the words of his dialect.
package struct InvocationRequest: Sendable {
    package let body: JSON
    /// Reads the dialect's form of an asset value; the text is the pointer to it.
    package let readAsset: @Sendable (JSON, String) throws(Invalid) -> AssetReference

    package init(
        body: JSON,
        readAsset: @escaping @Sendable (JSON, String) throws(Invalid) -> AssetReference
    ) {
        self.body = body
        self.readAsset = readAsset
    }
}

/// The value of one input.
package enum InputValue: Sendable, Hashable {
    case string(String)
    case json(JSON)
    case asset(AssetReference)
}

/// Inputs that fit their operation; only `Operation.validate` makes one, and only one can be scheduled.
package struct ValidInvocation: Sendable {
    /// In declaration order, defaults filled in.
    package fileprivate(set) var values: OrderedDictionary<String, InputValue> = [:]
    /// The inputs that have their defaults, because the caller left them out.
    package fileprivate(set) var defaults: Set<String> = []

    fileprivate init() {}
}

extension Operation {
    /// Checks every input against its declaration.
    ///
    /// `null` counts as absent; a name that is not declared is refused (DEP-6).
    /// - Returns: the inputs; those that fit where all objections are to be found.
    /// - Throws: `invalidInput` naming every violation.
    package func validate(
        _ request: InvocationRequest,
        _ objections: inout Objections
    ) throws(Refusal) -> ValidInvocation {
        var invocation = ValidInvocation()
        guard let members = request.body.object else {
            let found = "the body must be an object of input names to values, not \(request.body.kind)"
            try objections.note(Refusal(.invalidInput, [Violation("#", found)]))
            return invocation
        }
        var violations: [Violation] = []
        var known = 0
        for input in inputs {
            if members[input.name] != nil { known += 1 }
            let given = members[input.name].flatMap { $0 == .null ? nil : $0 }
            guard let value = given ?? input.defaultValue else {
                if input.required {
                    violations.append(
                        Violation(pointer("#", input.name), "this \(input.type.rawValue) input is required")
                    )
                }
                continue
            }
            do {
                invocation.values[input.name] = try input.read(value, readAsset: request.readAsset)
                if given == nil { invocation.defaults.insert(input.name) }
            } catch {
                violations.append(contentsOf: error.violations)
            }
        }
        if known < members.count { violations += unknownInputs(in: members.keys) }
        if !violations.isEmpty { try objections.note(Refusal(.invalidInput, violations)) }
        return invocation
    }

    private func unknownInputs(in names: some Sequence<String>) -> [Violation] {
        let declared = inputs.map(\.name)
        let advice = declared.map { "`\($0)`" }.joined(separator: ", ")
        return names.filter { !declared.contains($0) }.map {
            Violation(pointer("#", $0), "unknown input; this operation takes \(advice)")
        }
    }
}

extension InputDeclaration {
    fileprivate func read(
        _ value: JSON,
        readAsset: (JSON, String) throws(Invalid) -> AssetReference
    ) throws(Invalid) -> InputValue {
        switch type {
        case .asset: return .asset(try readAsset(value, pointer("#", name)))
        case .json:
            if let violations = schema?.violations(in: value, at: pointer("#", name)), !violations.isEmpty {
                throw Invalid(violations)
            }
            return .json(value)
        case .string:
            if isFile, value.object != nil { return .asset(try readAsset(value, pointer("#", name))) }
            guard let text = value.string else {
                throw Invalid(pointer("#", name), "must be a string, not \(value.kind)")
            }
            let violations = violations(in: text, at: pointer("#", name))
            guard violations.isEmpty else { throw Invalid(violations) }
            return .string(text)
        }
    }

    /// What is wrong with a text as the value of this string input.
    package func violations(in text: String, at pointer: String) -> [Violation] {
        var violations: [Violation] = []
        var shown: String { text.unicodeScalars.count > 40 ? "this text" : "\"\(text)\"" }
        if let maxLength, text.unicodeScalars.count > maxLength {
            violations.append(Violation(pointer, "must be at most \(maxLength) characters long"))
        }
        if let minLength, text.unicodeScalars.count < minLength {
            violations.append(Violation(pointer, "must be at least \(minLength) characters long"))
        }
        if let choices, !choices.contains(text) {
            let names = choices.map { "\"\($0)\"" }.joined(separator: ", ")
            violations.append(Violation(pointer, "must be one of \(names), not \(shown)"))
        }
        var steps = 20_000_000
        if let pattern, pattern.matches(text, steps: &steps) != true {
            let reason = steps > 0 ? "\(shown) does not" : "the text is too long to find out"
            violations.append(Violation(pointer, "must match the pattern \(pattern.text); \(reason)"))
        }
        return violations
    }
}
