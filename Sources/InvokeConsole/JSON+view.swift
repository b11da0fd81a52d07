import InvokeModel
import Mustache
import OrderedCollections

extension JSON {
    /// The value as templates see it: members by name, arrays as sections, numbers as text, null and an empty text as
    /// nothing.
    var view: Any? {
        switch self {
        case .null: nil
        case .bool(let value): value
        case .number(let number): number.text
        case .string(let text): text.isEmpty ? nil : text
        case .array(let items): items.compactMap(\.view)
        case .object(let members): ObjectView(members: members)
        }
    }
}

/// An object of the API's answer in a template.
private struct ObjectView: MustacheParent {
    let members: OrderedDictionary<String, JSON>

    func child(named name: String) -> Any? { members[name]?.view }
}
