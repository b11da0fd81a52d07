import InvokeModel

/// The target of a request, taken apart and decoded: the path and the query's pairs in their order.
package struct RequestTarget: Sendable, Hashable {
    package struct Parameter: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Decoded; begins with `/`.
    package var path: String
    package var query: [Parameter]

    package init(path: String, query: [Parameter] = []) {
        self.path = path
        self.query = query
    }

    /// Reads a target as it stands in a request.
    /// - Returns: nil when an escape is broken, or what is escaped is no UTF-8.
    package init?(_ target: String) {
        let parts = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.first == UInt8(ascii: "/"), let path = PercentEncoding.decode(first) else {
            return nil
        }
        self.path = path
        query = []
        guard parts.count > 1 else { return }
        for pair in parts[1].split(separator: UInt8(ascii: "&")) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(halves[0], isForm: true),
                let value = halves.count > 1 ? PercentEncoding.decode(halves[1], isForm: true) : ""
            else { return nil }
            query.append(Parameter(name, value))
        }
    }

    /// The first value of a parameter; empty for one without a value.
    package subscript(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// As it stands in a request.
    package var text: String {
        let path = PercentEncoding.encode(path, keeping: UInt8(ascii: "/"))
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(
                separator: "&"
            )
    }
}
