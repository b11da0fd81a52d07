package import InvokeModel
import OrderedCollections
import Yams

extension JSON {
    /// Reads a YAML document as the JSON value it stands for.
    ///
    /// Plain scalars follow the JSON schema of YAML 1.2: `true`, `false`, `null` and numbers are that, anything else
    /// is text, `no` and `1.2.0` included.
    /// - Throws: `malformedJSON` for what is not YAML, `tooComplex` for what passes the limits.
    package init(yaml bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(Refusal) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(.malformedJSON, "The YAML document is not valid UTF-8.")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let reason = "\(error)".split(separator: "\n").prefix(3).joined(separator: " ")
            throw Refusal(.malformedJSON, "Not YAML: \(reason)")
        }
        guard let root else { throw Refusal(.malformedJSON, "The YAML document is empty.") }
        var converter = YAMLConverter(limits: limits)
        self = try converter.convert(root, depth: 0)
    }
}

private struct YAMLConverter {
    let limits: JSONLimits
    var nodes = 0

    /// Counts every node where it stands, so that aliases of aliases are cut off like any large document.
    mutating func convert(_ node: Node, depth: Int) throws(Refusal) -> JSON {
        nodes += 1
        guard nodes <= limits.nodes else {
            throw Refusal(.tooComplex, "The document has more than \(limits.nodes) values in one document.")
        }
        guard depth <= limits.depth else {
            throw Refusal(.tooComplex, "The document is nested deeper than \(limits.depth) levels.")
        }
        switch node {
        case .scalar(let scalar): return try convert(scalar)
        case .sequence(let sequence):
            var elements: [JSON] = []
            for element in sequence { elements.append(try convert(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: OrderedDictionary<String, JSON> = [:]
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw Refusal(.malformedJSON, "A YAML mapping has a key that is not text.")
                }
                guard name.string.utf8.count <= limits.keyBytes else {
                    throw Refusal(.tooComplex, "A member name is longer than \(limits.keyBytes) bytes.")
                }
                members[name.string] = try convert(value, depth: depth + 1)
            }
            return .object(members)
        case .alias:
            throw Refusal(.malformedJSON, "A YAML alias names no anchor.")
        }
    }

    private func convert(_ scalar: Node.Scalar) throws(Refusal) -> JSON {
        guard !scalar.string.unicodeScalars.contains("\0") else {
            throw Refusal(.malformedJSON, "A NUL in a text is not taken.")
        }
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null": return .null
        case "true": return true
        case "false": return false
        default:
            if let value = try? JSON(parsing: scalar.string), case .number = value { return value }
            return .string(scalar.string)
        }
    }
}
