import Foundation
import GRDB
package import InvokeModel

extension Store {
    package func bucket(named name: String) async throws -> Bucket? {
        try await read { try $0.bucket(named: name) }
    }

    /// All buckets in the order of their names.
    package func buckets() async throws -> [Bucket] {
        try await read { database in
            try Row.fetchAll(database, sql: "\(Database.bucketColumns) ORDER BY name").map(Bucket.init(row:))
        }
    }

    /// - Returns: false when the name is taken.
    package func createBucket(
        named name: String,
        _ access: BucketAccess = BucketAccess(),
        owner: Int64?
    ) async throws -> Bool {
        let now = now.milliseconds
        return try await write { try $0.createBucket(named: name, access, owner: owner, service: nil, now: now) }
    }

    package func change(_ bucket: Bucket, to access: BucketAccess) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE buckets SET visibility = ?, allowed_users = ? WHERE id = ?",
                arguments: [access.visibility.rawValue, access.names, bucket.id]
            )
        }
    }

    /// Removes a bucket without objects; what is being uploaded to it goes too.
    /// - Returns: false when there are objects in it.
    package func remove(_ bucket: Bucket) async throws -> Bool {
        try await write { database in
            let isUsed = try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket_id = ?)",
                arguments: [bucket.id]
            )
            guard isUsed == false else { return false }
            try database.execute(sql: "DELETE FROM uploads WHERE bucket_id = ?", arguments: [bucket.id])
            try database.execute(sql: "DELETE FROM buckets WHERE id = ?", arguments: [bucket.id])
            return true
        }
    }

    /// How many buckets and objects there are, and the bytes of the objects.
    package func objectFigures() async throws -> (buckets: Int, objects: Int, bytes: Int) {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(*) FROM buckets) AS buckets, count(*) AS objects,
                        coalesce(sum(content_size), 0) AS bytes FROM objects
                    """
            )
            return (row?["buckets"] ?? 0, row?["objects"] ?? 0, row?["bytes"] ?? 0)
        }
    }
}

extension Database {
    fileprivate static let bucketColumns = """
        SELECT buckets.id, name, visibility, allowed_users, owner_id, username, service, buckets.created_at
        FROM buckets LEFT JOIN accounts ON accounts.id = owner_id
        """

    func bucket(named name: String) throws -> Bucket? {
        try Row.fetchOne(self, sql: "\(Self.bucketColumns) WHERE name = ?", arguments: [name]).map(Bucket.init(row:))
    }

    /// Makes a bucket, for the service of a name if it is made for one.
    /// - Returns: false when the name is taken.
    func createBucket(
        named name: String,
        _ access: BucketAccess,
        owner: Int64?,
        service: String?,
        now: Int64
    ) throws -> Bool {
        try execute(
            sql: """
                INSERT INTO buckets (name, owner_id, visibility, allowed_users, service, created_at)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING
                """,
            arguments: [name, owner, access.visibility.rawValue, access.names, service, now]
        )
        return changesCount == 1
    }
}

extension Database {
    /// Makes the buckets that a service needs; what its owner has already is used (oscar.md D7).
    /// - Throws: `invalidServiceDefinition` for a bucket of somebody else.
    func makeBuckets(of service: NewService, owner: Int64, now: Int64) throws {
        for name in service.buckets {
            if try createBucket(named: name, BucketAccess(), owner: owner, service: service.name, now: now) { continue }
            guard let bucket = try bucket(named: name), bucket.owner.map({ $0.account == owner }) ?? true else {
                throw Refusal(.invalidServiceDefinition, "The bucket \"\(name)\" belongs to somebody else.")
            }
        }
    }
}

extension BucketAccess {
    fileprivate var names: String { JSON.array(allowedUsers.map(JSON.string)).text }
}

extension Bucket {
    fileprivate init(row: Row) throws {
        let names = try JSON(parsing: Array((row["allowed_users"] as String).utf8))
        guard let visibility = BucketAccess.Visibility(rawValue: row["visibility"]) else {
            throw StoreFault.unreadable("a bucket's visibility")
        }
        let owner: Int64? = row["owner_id"]
        self.init(
            id: row["id"],
            name: row["name"],
            access: BucketAccess(visibility: visibility, allowedUsers: names.array?.compactMap(\.string) ?? []),
            owner: owner.map { Owner(account: $0, username: row["username"]) },
            service: row["service"],
            createdAt: Date(milliseconds: row["created_at"])
        )
    }
}
