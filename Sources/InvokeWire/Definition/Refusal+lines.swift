import Foundation
package import InvokeModel
import Yams

extension Refusal {
    /// The same refusal of a YAML document, with the lines that its violations are about.
    ///
    /// What is not in the document, such as a member that is missing, is about the nearest thing around it.
    package func withLines(ofYAML bytes: [UInt8]) -> Refusal {
        guard violations.contains(where: { $0.line == nil }), let text = String(validating: bytes, as: UTF8.self),
            let root = (try? Yams.compose(yaml: text)) ?? nil
        else { return self }
        let violations = violations.map { violation in
            Violation(violation.pointer, violation.detail, line: violation.line ?? root.line(at: violation.pointer))
        }
        return Refusal(code, message, violations: violations, retryAfter: retryAfter)
    }
}

extension Node {
    /// The line of what a pointer names, from 1: a member's begins with its name.
    fileprivate func line(at pointer: String) -> Int? {
        var (node, line) = (self, mark?.line)
        for part in pointer.split(separator: "/").dropFirst() {
            let name = (part.removingPercentEncoding ?? String(part)).replacingOccurrences(of: "~1", with: "/")
                .replacingOccurrences(of: "~0", with: "~")
            switch node {
            case .mapping(let mapping):
                guard let (key, value) = mapping.first(where: { $0.key.scalar?.string == name }) else { return line }
                (node, line) = (value, key.mark?.line)
            case .sequence(let sequence):
                guard let index = Int(name), sequence.indices.contains(index) else { return line }
                (node, line) = (sequence[index], sequence[index].mark?.line)
            case .scalar, .alias: return line
            }
        }
        return line
    }
}

extension YamlError {
    /// Where the document stops to be YAML, from 1.
    var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: nil
        }
    }
}
