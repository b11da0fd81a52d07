import Foundation
import GRDB
package import InvokeModel

/// Which objects of a bucket are wanted: in the order of their keys' bytes, which is S3's.
package struct ObjectFilter: Sendable {
    package var prefix: String
    /// Keys that have it behind the prefix are told of together, by what they have up to it; empty for each by itself.
    package var delimiter: String
    /// Only what comes after it: a key, or the last common prefix of the page before.
    package var after: String
    /// Objects and common prefixes on a page, at most.
    package var limit: Int

    package init(prefix: String = "", delimiter: String = "", after: String = "", limit: Int) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.after = after
        self.limit = limit
    }
}

/// A part of the list of a bucket's objects.
package struct ObjectPage: Sendable {
    package var objects: [StoredObject] = []
    package var commonPrefixes: [String] = []
    /// The last key or common prefix, when there is more after it.
    package var next: String?
}

extension Store {
    package func objects(in bucket: Bucket, _ filter: ObjectFilter) async throws -> ObjectPage {
        try await read { try $0.objects(in: bucket.id, filter) }
    }
}

extension Database {
    fileprivate func objects(in bucket: Int64, _ filter: ObjectFilter) throws -> ObjectPage {
        var page = ObjectPage()
        guard filter.limit > 0 else { return page }
        let (prefix, delimiter) = (Array(filter.prefix.utf8), Array(filter.delimiter.utf8))
        // No byte of UTF-8 is 0xFF, so one more than the last byte is after all that begin alike.
        let end = Data(prefix.afterAll ?? [0xFF])
        var (last, from) = ("", prefix)
        if !filter.after.isEmpty {
            let after = Array(filter.after.utf8)
            let isCommon = after.commonPrefix(behind: prefix, upTo: delimiter) == after
            let next = isCommon ? after.afterAll ?? after : after + [0]
            if from.lexicographicallyPrecedes(next) { from = next }
        }
        let statement = try makeStatement(
            sql: """
                SELECT \(Self.objectColumns) FROM objects
                WHERE bucket_id = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?
                """
        )
        var count = 0
        while true {
            let rows = try Row.fetchCursor(
                statement,
                arguments: [bucket, Data(from), end, filter.limit - count + 1]
            )
            var skipped: [UInt8]?
            while skipped == nil, let row = try rows.next() {
                guard count < filter.limit else {
                    page.next = last
                    return page
                }
                count += 1
                if let common = Array(row["key"] as Data).commonPrefix(behind: prefix, upTo: delimiter) {
                    last = String(decoding: common, as: UTF8.self)
                    page.commonPrefixes.append(last)
                    skipped = common
                } else {
                    let object = try StoredObject(row: row)
                    last = object.key
                    page.objects.append(object)
                }
            }
            guard let next = skipped?.afterAll else { return page }
            from = next
        }
    }
}

extension [UInt8] {
    /// The first of all byte strings that come after those which begin with this one.
    fileprivate var afterAll: [UInt8]? { last.map { dropLast() + [$0 + 1] } }

    /// A key up to the first delimiter behind a prefix, with both; nil when there is none.
    fileprivate func commonPrefix(behind prefix: [UInt8], upTo delimiter: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty, starts(with: prefix),
            let found = self[prefix.count...].firstRange(of: delimiter)
        else { return nil }
        return Array(self[..<found.upperBound])
    }
}
