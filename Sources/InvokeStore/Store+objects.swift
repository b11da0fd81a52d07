import Foundation
import GRDB
package import InvokeModel
import OrderedCollections

/// What stands in the way of a change to an object.
package enum ObjectFault: Error {
    case noBucket
    /// There is an object already, and it was to be the first.
    case exists
    case noUpload
}

extension Store {
    package func object(_ key: String, in bucket: Bucket) async throws -> StoredObject? {
        try await read { try $0.object(key, in: bucket.id) }
    }

    /// Keeps an object, in place of the one that its key had, unless it has to be the first; tells of it in the same
    /// commit.
    /// - Throws: `ObjectFault`.
    package func put(
        _ object: NewObject,
        in bucket: Bucket,
        isFirst: Bool = false,
        as kind: ObjectEvent.Kind = .put,
        by cause: ObjectCause
    ) async throws -> StoredObject {
        let now = now
        return try await write { database in
            if isFirst, try database.object(object.key, in: bucket.id) != nil { throw ObjectFault.exists }
            return try database.put(object, in: bucket.name, as: kind, by: cause, at: now)
        }
    }

    /// Keeps the content of an object under another key too; nil for `traits` tells of the copy what is told of the
    /// original.
    /// - Returns: nil when there is no such object.
    package func copy(
        _ key: String,
        in source: Bucket,
        to target: (bucket: Bucket, key: String),
        _ traits: ObjectTraits?,
        by cause: ObjectCause
    ) async throws -> StoredObject? {
        let now = now
        return try await write { database in
            guard let original = try database.object(key, in: source.id) else { return nil }
            let copy = NewObject(
                key: target.key,
                content: original.content,
                etag: original.etag,
                traits: traits ?? original.traits
            )
            return try database.put(copy, in: target.bucket.name, as: .copied, by: cause, at: now)
        }
    }

    /// Removes objects; one that is not there is no fault.
    package func remove(_ keys: [String], from bucket: Bucket, by cause: ObjectCause) async throws {
        let now = now
        try await write { database in
            for key in keys { try database.remove(key, from: bucket, by: cause, at: now) }
        }
    }

    /// Removes some of the objects of a bucket.
    /// - Returns: whether there were any.
    package func removeSome(of bucket: Bucket, by cause: ObjectCause) async throws -> Bool {
        let now = now
        return try await write { database in
            let keys = try Data.fetchAll(
                database,
                sql: "SELECT key FROM objects WHERE bucket_id = ? LIMIT 500",
                arguments: [bucket.id]
            )
            for key in keys {
                try database.remove(String(decoding: key, as: UTF8.self), from: bucket, by: cause, at: now)
            }
            return !keys.isEmpty
        }
    }
}

extension Database {
    static let objectColumns = "key, content_hash, content_size, etag, content_type, headers, modified_at"

    func object(_ key: String, in bucket: Int64) throws -> StoredObject? {
        let statement = try cachedStatement(
            sql: "SELECT \(Self.objectColumns) FROM objects WHERE bucket_id = ? AND key = ?"
        )
        return try Row.fetchOne(statement, arguments: [bucket, Data(key.utf8)]).map(StoredObject.init(row:))
    }

    /// Keeps what a job has put out; its bucket is made when it is gone.
    func put(_ placed: PlacedObject, of claim: Claim, at time: Date) throws {
        _ = try createBucket(
            named: placed.bucket,
            BucketAccess(),
            owner: claim.owner,
            service: nil,
            now: time.milliseconds
        )
        _ = try put(placed.object, in: placed.bucket, as: .put, by: ObjectCause(principal: "\(claim.job)"), at: time)
    }

    /// Keeps an object, in place of the one that its key had, and tells of it.
    /// - Throws: `ObjectFault.noBucket`.
    func put(
        _ object: NewObject,
        in bucket: String,
        as kind: ObjectEvent.Kind,
        by cause: ObjectCause,
        at time: Date
    ) throws -> StoredObject {
        let headers = object.traits.headers.text
        try executeCached(
            sql: """
                INSERT INTO objects (bucket_id, key, content_hash, content_size, etag, content_type, headers, modified_at)
                SELECT id, ?, ?, ?, ?, ?, ?, ? FROM buckets WHERE name = ?
                ON CONFLICT (bucket_id, key) DO UPDATE SET content_hash = excluded.content_hash,
                    content_size = excluded.content_size, etag = excluded.etag, content_type = excluded.content_type,
                    headers = excluded.headers, modified_at = excluded.modified_at
                """,
            arguments: [
                Data(object.key.utf8), Data(object.content.hash.bytes), object.content.size, object.etag,
                object.traits.contentType, headers, time.milliseconds, bucket,
            ]
        )
        guard changesCount > 0 else { throw ObjectFault.noBucket }
        let stored = StoredObject(
            key: object.key,
            content: object.content,
            etag: object.etag,
            traits: object.traits,
            modifiedAt: time
        )
        try tell(kind, bucket, object.key, stored, by: cause, at: time)
        return stored
    }

    fileprivate func remove(_ key: String, from bucket: Bucket, by cause: ObjectCause, at time: Date) throws {
        try executeCached(
            sql: "DELETE FROM objects WHERE bucket_id = ? AND key = ?",
            arguments: [bucket.id, Data(key.utf8)]
        )
        guard changesCount == 1 else { return }
        try tell(.removed, bucket.name, key, nil, by: cause, at: time)
    }
}

extension StoredObject {
    init(row: Row) throws {
        self.init(
            key: String(decoding: row["key"] as Data, as: UTF8.self),
            content: try ContentReference(row: row),
            etag: row["etag"],
            traits: try ObjectTraits(row: row),
            modifiedAt: Date(milliseconds: row["modified_at"])
        )
    }
}

extension ContentReference {
    init(row: Row) throws { self.init(hash: try Hex32(stored: row["content_hash"]), size: row["content_size"]) }
}

extension ObjectTraits {
    init(row: Row) throws {
        let headers = try JSON(parsing: Array((row["headers"] as String).utf8))
        self.init(contentType: row["content_type"], headers: headers.object?.compactMapValues(\.string) ?? [:])
    }
}

extension OrderedDictionary<String, String> {
    /// As a JSON object.
    var text: String { JSON.object(mapValues(JSON.string)).text }
}
