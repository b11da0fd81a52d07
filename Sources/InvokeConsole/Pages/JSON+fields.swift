import InvokeModel
import OrderedCollections

extension JSON {
    /// The members of an object as templates see them, for more to be added to them.
    var fields: [String: Any] { (object ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.view } }
}
