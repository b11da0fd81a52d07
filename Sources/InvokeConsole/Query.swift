import Foundation

/// Addresses of pages.
enum Paths {
    /// A text as one part of a path, or as a value of a query.
    static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    private static let allowed = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
}

/// The parameters of an address, in their order.
struct Query {
    private(set) var items: [(name: String, value: String)]

    init(_ items: [(name: String, value: String)]) { self.items = items.filter { !$0.value.isEmpty } }

    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    /// The parameters with one changed; nil removes it.
    func with(_ name: String, _ value: String?) -> Query {
        Query(items.filter { $0.name != name } + (value.map { [(name, $0)] } ?? []))
    }

    /// `?a=b&c=d`; empty without parameters.
    var text: String {
        let pairs = items.map { "\(Paths.escape($0.name))=\(Paths.escape($0.value))" }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}
