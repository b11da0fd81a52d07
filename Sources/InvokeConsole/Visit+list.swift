import Hummingbird
import InvokeModel
import NIOCore

/// A page of a list of the API's.
struct ListPage {
    /// The items, as they are written.
    let elements: [ArraySlice<UInt8>]
    /// The address of the first page, unless this is it.
    let first: String?
    /// The address of the next page, if there is one.
    let next: String?
}

extension Visit {
    /// The page that the visit's cursor leads to, of a list that is the member `name` of the API's answer.
    /// - Throws: `Unanswered` for a refusal.
    func list(_ path: String, _ name: String) async throws -> ListPage {
        let list = try await answeredList(path, name)
        return ListPage(
            elements: list.elements,
            first: query("cursor").map { _ in self.path + query.with("cursor", nil).text },
            next: list.rest["next_cursor"]?.string.map { self.path + query.with("cursor", $0).text }
        )
    }

    /// The page that the visit's `from` names, 50 items long, of a list that is the API's answer and takes `from` and `size`.
    /// `path` ends where they can be appended.
    /// - Throws: `Unanswered` for a refusal.
    func numberedList(_ path: String) async throws -> ListPage {
        let size = 50
        let from = max(0, Int(query("from") ?? "") ?? 0)
        let elements = try await answeredList("\(path)from=\(from)&size=\(size + 1)", nil).elements
        return ListPage(
            elements: Array(elements.prefix(size)),
            first: from > 0 ? self.path + query.with("from", nil).text : nil,
            next: elements.count > size ? self.path + query.with("from", String(from + size)).text : nil
        )
    }

    /// A page of a list of the API's, rendered as far as it has changed since it was shown last.
    ///
    /// Each row is made of its item. The frame around them is `content`, which may be made of the address, the viewer,
    /// whether there are rows, and `source` alone. In its template `<!--rows-->` stands for the rows and, behind it,
    /// `<!--pager-->` for the way to other pages; what was escaped holds no such mark.
    func page<Item: Row>(
        _ template: String,
        _ section: Section,
        title: String,
        of list: ListPage,
        as item: Item.Type,
        from source: String = "",
        styles: [String] = [],
        scripts: [String] = [],
        content: () -> [String: Any] = { [:] }
    ) -> Response {
        let isEmpty = list.elements.isEmpty
        let frame = fragment(template, of: Array("\(address) \(isEmpty) \(source)".utf8)[...]) {
            let content = content().merging(["isEmpty": isEmpty]) { one, _ in one }
            let text = text(template, section, title: title, content, styles: styles, scripts: scripts)
            let (head, rest) = text.cut(at: "<!--rows-->")
            let (middle, tail) = rest.cut(at: "<!--pager-->")
            return [head, middle, tail]
        }
        let rows = list.elements.flatMap { element in
            fragment(Item.template, of: element) {
                let row = Item((try? JSON(parsing: element, limits: Self.limits)) ?? .null, for: viewer)
                return [render(Item.template, row.content)]
            }
        }
        return response([frame[0]] + rows + [frame[1]] + pager(below: list) + [frame[2]])
    }

    /// The links to the first page and to the next.
    private func pager(below list: ListPage) -> [[UInt8]] {
        fragment("pager", of: Array("\(list.first ?? "") \(list.next ?? "")".utf8)[...]) {
            [render("pager", ["first": list.first, "next": list.next].compactMapValues(\.self))]
        }
    }

    private func response(_ parts: [[UInt8]]) -> Response {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts { buffer.writeBytes(part) }
        return Self.response(buffer)
    }
}

extension String {
    /// What stands before a mark, and what behind it; all of it stands behind a mark that there is not.
    fileprivate func cut(at mark: String) -> (before: String, after: String) {
        guard let range = firstRange(of: mark) else { return ("", self) }
        return (String(self[..<range.lowerBound]), String(self[range.upperBound...]))
    }
}
