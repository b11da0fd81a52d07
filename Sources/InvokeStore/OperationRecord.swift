package import Foundation
import GRDB
package import InvokeModel

/// A registered operation, also one that a later version of its service has replaced.
package struct OperationRecord: Sendable {
    package let id: Int64
    package let asset: AssetID
    package let name: String
    /// Its service's and its own.
    package let tags: [String]
    /// JSON text.
    package let definition: String
    package let service: Int64
    package let serviceName: String
    package let serviceVersion: String
    /// The owner of the service.
    package let provider: Int64
    /// How many jobs of the service may run and wait.
    package let pool: PoolLimits
    package let isCurrent: Bool
    package let succeeded: Int
    package let failed: Int
    /// Milliseconds that all succeeded jobs together ran.
    package let runningMilliseconds: Int
    /// The last of its jobs to end, newest first.
    package let lastEnds: [OperationEnd]
    package let createdAt: Date
}

/// An operation of a new service; an unchanged one comes with the asset it has.
package struct NewOperation: Sendable {
    package let name: String
    package let description: String?
    /// Words to find it by, without blanks: its service's and its own.
    package let tags: [String]
    package let definition: String
    package let asset: NewAsset
    /// The listing that sells it; nil for a free operation.
    package let listing: NewListing?

    package init(
        name: String,
        description: String? = nil,
        tags: [String] = [],
        definition: String,
        asset: NewAsset,
        listing: NewListing?
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.definition = definition
        self.asset = asset
        self.listing = listing
    }
}

extension OperationRecord {
    static let selection = """
        SELECT operations.*, services.name AS service_name, services.owner_id AS provider_id,
            services.concurrency, services.engine_slots, services.queue
        FROM operations JOIN services ON services.id = operations.service_id
        """

    init(row: Row) throws {
        self.init(
            id: row["id"],
            asset: try AssetID(stored: row["asset_id"]),
            name: row["name"],
            tags: (row["tags"] as String).split(separator: " ").map(String.init),
            definition: row["definition"],
            service: row["service_id"],
            serviceName: row["service_name"],
            serviceVersion: row["service_version"],
            provider: row["provider_id"],
            pool: try PoolLimits(row: row),
            isCurrent: row["is_current"],
            succeeded: row["succeeded"],
            failed: row["failed"],
            runningMilliseconds: row["running_ms"],
            lastEnds: try OperationEnd.read(row["last_ends"]),
            createdAt: Date(milliseconds: row["created_at"])
        )
    }
}
