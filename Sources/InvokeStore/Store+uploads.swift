package import Foundation
import GRDB
package import InvokeModel

/// An object that arrives in parts.
package struct ObjectUpload: Sendable {
    package let id: String
    package let key: String
    package let startedAt: Date
    fileprivate let row: Int64
    package let traits: ObjectTraits
}

/// A part of one; its content is on the disk.
package struct UploadPart: Sendable {
    /// 1 to 10,000.
    package let number: Int
    package let content: ContentReference
    /// 16 bytes.
    package let md5: [UInt8]
    package let modifiedAt: Date

    package init(number: Int, content: ContentReference, md5: [UInt8], modifiedAt: Date) {
        self.number = number
        self.content = content
        self.md5 = md5
        self.modifiedAt = modifiedAt
    }
}

extension Store {
    /// - Throws: `ObjectFault.noBucket`.
    package func beginUpload(_ id: String, of key: String, in bucket: Bucket, _ traits: ObjectTraits) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO uploads (public_id, bucket_id, key, content_type, headers, created_at)
                    SELECT ?, id, ?, ?, ?, ? FROM buckets WHERE id = ?
                    """,
                arguments: [id, Data(key.utf8), traits.contentType, traits.headers.text, now, bucket.id]
            )
            guard database.changesCount == 1 else { throw ObjectFault.noBucket }
        }
    }

    package func upload(_ id: String, of key: String, in bucket: Bucket) async throws -> ObjectUpload? {
        try await read { try $0.upload(id, of: key, in: bucket.id) }
    }

    /// The uploads to a bucket that have not ended, in the order of their keys: at most 1,000.
    package func uploads(to bucket: Bucket) async throws -> [ObjectUpload] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM uploads WHERE bucket_id = ? ORDER BY key, id LIMIT 1000",
                arguments: [bucket.id]
            ).map(ObjectUpload.init(row:))
        }
    }

    /// Keeps a part, in place of the one that had its number.
    /// - Throws: `ObjectFault.noUpload` when the upload has ended meanwhile.
    package func put(_ part: UploadPart, to upload: ObjectUpload) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO upload_parts (upload_id, number, content_hash, content_size, md5, modified_at)
                    SELECT id, ?, ?, ?, ?, ? FROM uploads WHERE id = ?
                    ON CONFLICT (upload_id, number) DO UPDATE SET content_hash = excluded.content_hash,
                        content_size = excluded.content_size, md5 = excluded.md5, modified_at = excluded.modified_at
                    """,
                arguments: [
                    part.number, Data(part.content.hash.bytes), part.content.size, Data(part.md5),
                    part.modifiedAt.milliseconds, upload.row,
                ]
            )
            guard database.changesCount > 0 else { throw ObjectFault.noUpload }
        }
    }

    /// The parts that are here, by their numbers.
    package func parts(of upload: ObjectUpload) async throws -> [UploadPart] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM upload_parts WHERE upload_id = ? ORDER BY number",
                arguments: [upload.row]
            ).map { row in
                UploadPart(
                    number: row["number"],
                    content: try ContentReference(row: row),
                    md5: Array(row["md5"] as Data),
                    modifiedAt: Date(milliseconds: row["modified_at"])
                )
            }
        }
    }

    /// Keeps the object that the parts have made, and ends the upload.
    /// - Throws: `ObjectFault.noUpload` when it has ended meanwhile.
    package func complete(
        _ upload: ObjectUpload,
        as object: NewObject,
        in bucket: Bucket,
        by cause: ObjectCause
    ) async throws -> StoredObject {
        let now = now
        return try await write { database in
            guard try database.end(upload) else { throw ObjectFault.noUpload }
            return try database.put(object, in: bucket.name, as: .completed, by: cause, at: now)
        }
    }

    /// Gives an upload up.
    package func abort(_ upload: ObjectUpload) async throws { try await write { _ = try $0.end(upload) } }

    /// Gives up uploads that began too long ago, some at a time.
    /// - Returns: whether there may be more.
    package func abortUploads(olderThan age: Duration) async throws -> Bool {
        let latest = now.milliseconds - age.milliseconds
        return try await write { database in
            try database.execute(
                sql: "DELETE FROM uploads WHERE id IN (SELECT id FROM uploads WHERE created_at <= ? LIMIT 10)",
                arguments: [latest]
            )
            return database.changesCount == 10
        }
    }
}

extension Database {
    fileprivate func upload(_ id: String, of key: String, in bucket: Int64) throws -> ObjectUpload? {
        try Row.fetchOne(
            self,
            sql: "SELECT * FROM uploads WHERE public_id = ? AND key = ? AND bucket_id = ?",
            arguments: [id, Data(key.utf8), bucket]
        ).map(ObjectUpload.init(row:))
    }

    fileprivate func end(_ upload: ObjectUpload) throws -> Bool {
        try execute(sql: "DELETE FROM uploads WHERE id = ?", arguments: [upload.row])
        return changesCount == 1
    }
}

extension ObjectUpload {
    fileprivate init(row: Row) throws {
        self.init(
            id: row["public_id"],
            key: String(decoding: row["key"] as Data, as: UTF8.self),
            startedAt: Date(milliseconds: row["created_at"]),
            row: row["id"],
            traits: try ObjectTraits(row: row)
        )
    }
}
