import HTTPTypes
import Hummingbird
import InvokeModel
import OrderedCollections

extension Call {
    /// A page of a list whose rows are named by rising numbers: those after the cursor, as many as the caller wants.
    ///
    /// `read` is given the cursor and how many rows to read, one more than the page has.
    func page<Item>(
        _ name: String,
        id: (Item) -> Int64,
        body: (Item) -> JSON,
        read: (Int64, Int) async throws -> [Item]
    ) async throws -> Response {
        let (cursor, limit) = (try cursor(), try number("limit", in: 1...200, default: 50))
        let items = try await read(cursor, limit + 1)
        let page = items.prefix(limit)
        return Response(json: .page(name, page.map(body), next: items.count > limit ? page.last.map(id) : nil))
    }

    /// Where the page before ended: opaque to callers, the id of its last row to us.
    func cursor() throws -> Int64 {
        guard let text = query("cursor") else { return 0 }
        guard let cursor = Int64(text, radix: 36), cursor > 0 else {
            throw Refusal(.invalidParameter, "The cursor is not one of ours; take `next_cursor` of the page before.")
        }
        return cursor
    }
}

extension Response {
    /// Names the next page of a document that has a form of its own, and no place for `next_cursor` (RFC 8288).
    mutating func linkNext(_ path: String, cursor: Int64) {
        headers[.link] = "<\(path)&cursor=\(String(cursor, radix: 36))>; rel=\"next\""
    }
}

extension JSON {
    /// One page of a list; `next_cursor` is there when there is more.
    static func page(_ name: String, _ items: [JSON], next: Int64?) -> JSON {
        var members: OrderedDictionary<String, JSON> = [name: .array(items)]
        members["next_cursor"] = next.map { .string(String($0, radix: 36)) }
        return .object(members)
    }
}
