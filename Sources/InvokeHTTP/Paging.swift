import HTTPTypes
import Hummingbird
import InvokeModel
import OrderedCollections

extension Call {
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
