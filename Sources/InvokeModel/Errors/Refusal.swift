/// One thing wrong with a document: where it is, and what to do about it.
package struct Violation: Sendable, Hashable {
    /// RFC 6901 pointer as a URI fragment: `#/inputs/table/did`; `#` is the whole document.
    package let pointer: String
    package let detail: String
    /// The line of the text that the document was read from, from 1; nil for what has no lines to speak of.
    package let line: Int?

    package init(_ pointer: String, _ detail: String, line: Int? = nil) {
        self.pointer = pointer
        self.detail = detail
        self.line = line
    }
}

/// The caller's news: what was asked for can't be done, and why. Each dialect has one table from refusals to answers.
package struct Refusal: Error, Sendable, Hashable {
    package let code: ErrorCode
    /// One sentence that says what, where and what to do.
    package let message: String
    /// Every violation found, at most 20.
    package let violations: [Violation]
    /// Seconds after which to try again; only for refusals that time can cure.
    package var retryAfter: Int?

    package init(_ code: ErrorCode, _ message: String, violations: [Violation] = [], retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.violations = Array(violations.prefix(20))
        self.retryAfter = retryAfter
    }

    /// A refusal whose message is made of its violations.
    package init(_ code: ErrorCode, _ violations: [Violation]) {
        let shown = violations.prefix(3).map { "\($0.pointer): \($0.detail)" }.joined(separator: "; ")
        let more = violations.count > 3 ? " (and \(violations.count - 3) more)" : ""
        self.init(code, shown + more, violations: violations)
    }
}

extension Refusal {
    /// What malformed or too complex bytes are answered with.
    package init(_ fault: JSONFault) {
        switch fault {
        case .malformed(let text, let offset): self.init(.malformedJSON, "Not JSON at byte \(offset): \(text).")
        case .tooComplex(let text): self.init(.tooComplex, "The document has \(text).")
        }
    }
}

/// The pointer to a member below another pointer.
package func pointer(_ parent: String, _ member: String) -> String {
    var escaped = ""
    for scalar in member.unicodeScalars {
        switch scalar {
        case "~": escaped += "~0"
        case "/": escaped += "~1"
        case "%", "#", "\"", "<", ">", "\\", "^", "`", "{", "|", "}", " ":
            escaped += "%" + String(scalar.value, radix: 16, uppercase: true)
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return parent + "/" + escaped
}
