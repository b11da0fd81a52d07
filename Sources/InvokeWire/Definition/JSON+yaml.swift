package import InvokeModel
import OrderedCollections
import Yams

extension JSON {
    /// Reads a YAML document as the JSON value it stands for.
    ///
    /// Plain scalars follow the JSON schema of YAML 1.2: `true`, `false`, `null` and numbers are that, anything else
    /// is text, `no` and `1.2.0` included.
    ///
    /// Aliases of aliases multiply: 20 can stand for some thousand nodes, a few more for billions, and the parser
    /// compares keys node by node before anything can be counted. So a stranger may have few of them.
    /// - Throws: `malformedJSON` for what is not YAML, `tooComplex` for what passes the limits.
    package init(
        yaml bytes: [UInt8],
        limits: JSONLimits = JSONLimits(),
        maximumAliases: Int = 20
    ) throws(Refusal) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Refusal(.malformedJSON, "The YAML document is not valid UTF-8.")
        }
        guard text.aliasCount <= maximumAliases else {
            throw Refusal(
                .tooComplex,
                "The YAML document has more than \(maximumAliases) aliases; write out what they stand for."
            )
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let reason = "Not YAML: " + "\(error)".split(separator: "\n").prefix(3).joined(separator: " ")
            let place = (error as? YamlError)?.line.map { Violation("#", reason, line: $0) }
            throw Refusal(.malformedJSON, reason, violations: place.map { [$0] } ?? [])
        }
        guard let root else { throw Refusal(.malformedJSON, "The YAML document is empty.") }
        var converter = YAMLConverter(limits: limits)
        self = try converter.convert(root, depth: 0)
    }
}

extension JSON {
    /// The document in block style, as people write it; reading it gives the same document.
    package var yaml: String {
        // Scalars, sequences and mappings of texts can always be written.
        (try? Yams.serialize(node: node, width: -1, allowUnicode: true)) ?? ""
    }

    private var node: Node {
        switch self {
        case .null: Node("null", Tag(.null), .plain)
        case .bool(let value): Node(value ? "true" : "false", Tag(.bool), .plain)
        case .number(let value): Node(value.text, Tag(.implicit), .plain)
        case .string(let text): Node(text, Tag(.str), Self.style(of: text))
        case .array(let elements):
            Node(elements.map(\.node), Tag(.seq), elements.isEmpty ? .flow : .block)
        case .object(let members):
            Node(
                members.map { (Node($0.key, Tag(.str), Self.style(of: $0.key)), $0.value.node) },
                Tag(.map),
                members.isEmpty ? .flow : .block
            )
        }
    }

    /// Plain where it reads back as the same text in every YAML.
    private static func style(of text: String) -> Node.Scalar.Style {
        if text.contains("\n") { return .literal }
        let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~"]
        let isPlain = text.first?.isLetter == true && !words.contains(text.lowercased())
        return isPlain ? .any : .doubleQuoted
    }
}

extension String {
    /// How many words look like aliases of anchors that the text has too. Text in a block that looks like both counts
    /// as well: that errs on the safe side.
    fileprivate var aliasCount: Int {
        func words(after mark: UInt8) -> [Substring.UTF8View] {
            let bytes = utf8
            return bytes.indices.compactMap { index in
                guard bytes[index] == mark else { return nil }
                if index > bytes.startIndex, !" \t\r\n[{,:-?".utf8.contains(bytes[bytes.index(before: index)]) {
                    return nil
                }
                let word = bytes[bytes.index(after: index)...].prefix { !" \t\r\n]},".utf8.contains($0) }
                return word.isEmpty ? nil : word
            }
        }
        let anchors = Set(words(after: UInt8(ascii: "&")).map(Substring.init))
        return words(after: UInt8(ascii: "*")).count { anchors.contains(Substring($0)) }
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
        guard node.scalar != nil || depth < limits.depth else {
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
                    let reason = "A YAML mapping has a key that is not text."
                    throw Refusal(.malformedJSON, reason, violations: [Violation("#", reason, line: key.mark?.line)])
                }
                try refuseNUL(in: name.string)
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

    private func refuseNUL(in text: String) throws(Refusal) {
        guard !text.unicodeScalars.contains("\0") else {
            throw Refusal(.malformedJSON, "A NUL in a text is not taken.")
        }
    }

    private func convert(_ scalar: Node.Scalar) throws(Refusal) -> JSON {
        try refuseNUL(in: scalar.string)
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
