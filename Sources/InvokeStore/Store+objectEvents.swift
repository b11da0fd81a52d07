import Foundation
import GRDB
package import InvokeModel

extension Store {
    /// What has happened to objects of a bucket, nil for all, after an event; oldest first.
    package func objectEvents(
        in bucket: String? = nil,
        after event: Int64,
        limit: Int = 100
    ) async throws -> [ObjectEvent] {
        try await read { database in
            let condition = bucket == nil ? "id > ?" : "id > ? AND bucket = ?"
            let values: [(any DatabaseValueConvertible)?] = [event] + (bucket.map { [$0] } ?? []) + [limit]
            return try Row.fetchAll(
                database,
                sql: "SELECT * FROM object_events WHERE \(condition) ORDER BY id LIMIT ?",
                arguments: StatementArguments(values)
            ).map(ObjectEvent.init(row:))
        }
    }

    /// The last event so far.
    package func lastObjectEvent() async throws -> Int64 {
        try await read { database in
            let last = try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'object_events'")
            return last ?? 0
        }
    }

    /// The last event that has been acted on.
    package func objectEventPlace() async throws -> Int64 { try await read { try $0.objectEventPlace() } }

    /// Notes that all events up to one have been acted on.
    package func passObjectEvents(upTo event: Int64) async throws {
        try await write { try $0.passObjectEvents(upTo: event) }
    }

    /// Forgets events that have been acted on, once those who follow have had time to see them, and those that nobody has
    /// acted on for too long; some at a time.
    /// - Returns: whether there may be more.
    package func forgetObjectEvents(seenFor grace: Duration, unusedFor age: Duration) async throws -> Bool {
        let now = now.milliseconds
        return try await write { database in
            try database.execute(
                sql: """
                    DELETE FROM object_events WHERE id IN (
                        SELECT id FROM object_events
                        WHERE at <= iif(id <= :place, :seen, :unused) ORDER BY id LIMIT 500)
                    """,
                arguments: [
                    "place": try database.objectEventPlace(), "seen": now - grace.milliseconds,
                    "unused": now - age.milliseconds,
                ]
            )
            return database.changesCount == 500
        }
    }
}

extension Database {
    func objectEventPlace() throws -> Int64 {
        try Int64.fetchOne(self, sql: "SELECT event FROM object_event_place WHERE id = 1") ?? 0
    }

    fileprivate func passObjectEvents(upTo event: Int64) throws {
        try executeCached(
            sql: "UPDATE object_event_place SET event = max(event, ?) WHERE id = 1",
            arguments: [event]
        )
    }

    func tell(
        _ kind: ObjectEvent.Kind,
        _ bucket: String,
        _ key: String,
        _ object: StoredObject?,
        by cause: ObjectCause,
        at time: Date
    ) throws {
        try executeCached(
            sql: """
                INSERT INTO object_events (bucket, key, kind, content_hash, content_size, etag, content_type, headers,
                    principal, address, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                bucket, Data(key.utf8), kind.rawValue, object.map { Data($0.content.hash.bytes) },
                object?.content.size, object?.etag, object?.traits.contentType, object?.traits.headers.text,
                cause.principal, cause.address, time.milliseconds,
            ]
        )
    }
}

extension ObjectEvent {
    fileprivate init(row: Row) throws {
        guard let kind = Kind(rawValue: row["kind"]) else { throw StoreFault.unreadable("an object's event") }
        let (key, time) = (String(decoding: row["key"] as Data, as: UTF8.self), Date(milliseconds: row["at"]))
        var object: StoredObject?
        if kind.isCreation {
            object = StoredObject(
                key: key,
                content: try ContentReference(row: row),
                etag: row["etag"],
                traits: try ObjectTraits(row: row),
                modifiedAt: time
            )
        }
        self.init(
            id: row["id"],
            kind: kind,
            bucket: row["bucket"],
            key: key,
            object: object,
            cause: ObjectCause(principal: row["principal"], address: row["address"]),
            time: time
        )
    }
}
