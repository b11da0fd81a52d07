import InvokeModel
import OrderedCollections

/// What a person sees of a document: some of its members, under titles.
package struct View: Sendable {
    /// A member by its path, and its title.
    package struct Column: Sendable {
        let title: String
        let path: String
        /// Whether it may be cut where a terminal ends; what one may want to copy is not.
        let isProse: Bool

        package init(_ title: String, _ path: String, isProse: Bool = false) {
            self.title = title
            self.path = path
            self.isProse = isProse
        }
    }

    let columns: [Column]
    /// The path of what names the thing.
    let id: String

    package init(id: String, _ columns: Column...) {
        self.id = id
        self.columns = columns
    }

    private init(id: String, columns: [Column]) {
        self.id = id
        self.columns = columns
    }

    /// The same with the members that somebody has asked for.
    func showing(_ fields: String?) -> View {
        guard let fields else { return self }
        return View(id: id, columns: fields.split(separator: ",").map { Column($0.uppercased(), String($0)) })
    }
}

extension JSON {
    /// The member at a path of names with dots between; of an array its elements' members.
    func member(at path: some StringProtocol) -> JSON? {
        var value: JSON = self
        for name in path.split(separator: ".") {
            if let elements = value.array {
                if let index = Int(name) {
                    guard elements.indices.contains(index) else { return nil }
                    value = elements[index]
                } else {
                    value = .array(elements.compactMap { $0[String(name)] })
                }
            } else {
                guard let member = value[String(name)] else { return nil }
                value = member
            }
        }
        return value
    }

    /// The value in one cell of a table.
    var cell: String {
        switch self {
        case .null: ""
        case .string(let text): Terminal.plain(text)
        case .array(let elements) where elements.allSatisfy { $0.array == nil && $0.object == nil }:
            elements.map(\.cell).joined(separator: ", ")
        case .object(let members) where members.values.allSatisfy { $0.array == nil && $0.object == nil }:
            members.map { "\(Terminal.plain($0.key))=\($0.value.cell)" }.joined(separator: " ")
        default: Terminal.plain(text)
        }
    }

    /// The document over several lines, as people read it.
    var prettyText: String { prettyText(indentation: "") }

    private func prettyText(indentation: String) -> String {
        let inner = indentation + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.prettyText(indentation: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indentation)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { name, value in
                "\(inner)\(JSON.string(name).text): \(value.prettyText(indentation: inner))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
        default: return text
        }
    }
}
