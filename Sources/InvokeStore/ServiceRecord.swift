package import Foundation
import GRDB
package import InvokeModel

/// A registered service.
package struct ServiceRecord: Sendable {
    package let id: Int64
    package let name: String
    package let owner: Int64
    package let ownerName: String
    package let asset: AssetID
    package let version: String
    /// The definition as it was registered, as JSON text.
    package let definition: String
    package let pool: PoolLimits
    package let dialect: ServiceDialect
    /// What only its programs are told, and what lets into the stores that it names, encrypted; nil when there is nothing.
    package let secrets: Data?
    package let tokenGeneration: Int
    package let createdAt: Date
    package let updatedAt: Date
}

/// In whose words a service was registered.
package enum ServiceDialect: String, Sendable {
    case dep, oscar
}

/// A registered operation, also one that a later version of its service has replaced.
package struct OperationRecord: Sendable {
    package let id: Int64
    package let asset: AssetID
    package let name: String
    /// JSON text.
    package let definition: String
    package let service: Int64
    package let serviceName: String
    package let serviceVersion: String
    /// The owner of the service.
    package let provider: Int64
    /// How many jobs of the service may wait.
    package let queue: Int
    package let isCurrent: Bool
    package let succeeded: Int
    package let failed: Int
    /// Milliseconds that all succeeded jobs together ran.
    package let runningMilliseconds: Int
    package let createdAt: Date
}

/// A service about to be registered or replaced.
package struct NewService: Sendable {
    package let name: String
    package let version: String
    package let definition: String
    package let dialect: ServiceDialect
    package let secrets: Data?
    /// Whether the service that it replaces keeps its token.
    package let keepsToken: Bool
    /// Buckets that it needs: made with it where they are not there.
    package let buckets: [String]
    package let pool: PoolLimits
    package let asset: NewAsset
    package let operations: [NewOperation]

    package init(
        name: String,
        version: String,
        definition: String,
        dialect: ServiceDialect = .dep,
        secrets: Data? = nil,
        keepsToken: Bool = false,
        buckets: [String] = [],
        pool: PoolLimits,
        asset: NewAsset,
        operations: [NewOperation]
    ) {
        self.name = name
        self.version = version
        self.definition = definition
        self.dialect = dialect
        self.secrets = secrets
        self.keepsToken = keepsToken
        self.buckets = buckets
        self.pool = pool
        self.asset = asset
        self.operations = operations
    }
}

/// An operation of a new service; an unchanged one comes with the asset it has.
package struct NewOperation: Sendable {
    package let name: String
    package let definition: String
    package let asset: NewAsset
    /// The listing that sells it; nil for a free operation.
    package let listing: NewListing?

    package init(name: String, definition: String, asset: NewAsset, listing: NewListing?) {
        self.name = name
        self.definition = definition
        self.asset = asset
        self.listing = listing
    }
}

extension ServiceRecord {
    static let selection = """
        SELECT services.*, accounts.username FROM services JOIN accounts ON accounts.id = services.owner_id
        """

    init(row: Row) throws {
        self.init(
            id: row["id"],
            name: row["name"],
            owner: row["owner_id"],
            ownerName: row["username"],
            asset: try AssetID(stored: row["asset_id"]),
            version: row["version"],
            definition: row["definition"],
            pool: PoolLimits(concurrency: row["concurrency"], queue: row["queue"]),
            dialect: ServiceDialect(rawValue: row["dialect"]) ?? .dep,
            secrets: row["secrets"],
            tokenGeneration: row["token_generation"],
            createdAt: Date(milliseconds: row["created_at"]),
            updatedAt: Date(milliseconds: row["updated_at"])
        )
    }
}

extension OperationRecord {
    static let selection = """
        SELECT operations.*, services.name AS service_name, services.owner_id AS provider_id, services.queue
        FROM operations JOIN services ON services.id = operations.service_id
        """

    init(row: Row) throws {
        self.init(
            id: row["id"],
            asset: try AssetID(stored: row["asset_id"]),
            name: row["name"],
            definition: row["definition"],
            service: row["service_id"],
            serviceName: row["service_name"],
            serviceVersion: row["service_version"],
            provider: row["provider_id"],
            queue: row["queue"],
            isCurrent: row["is_current"],
            succeeded: row["succeeded"],
            failed: row["failed"],
            runningMilliseconds: row["running_ms"],
            createdAt: Date(milliseconds: row["created_at"])
        )
    }
}
