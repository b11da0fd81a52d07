package import Foundation
import GRDB
package import InvokeModel
import OrderedCollections

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
            pool: try PoolLimits(row: row),
            dialect: ServiceDialect(rawValue: row["dialect"]) ?? .dep,
            secrets: row["secrets"],
            tokenGeneration: row["token_generation"],
            createdAt: Date(milliseconds: row["created_at"]),
            updatedAt: Date(milliseconds: row["updated_at"])
        )
    }
}

extension PoolLimits {
    /// Reads the columns of a service.
    init(row: Row) throws {
        let slots = try (row["engine_slots"] as String?).map(JSON.init(stored:))?.object ?? [:]
        self.init(
            concurrency: row["concurrency"],
            engines: slots.reduce(into: [:]) { engines, slot in
                if let engine = Engine(rawValue: slot.key) { engines[engine] = slot.value.int }
            },
            queue: row["queue"]
        )
    }

    /// As the column `engine_slots` holds them.
    var storedEngines: String? {
        guard !engines.isEmpty else { return nil }
        let slots = engines.map { ($0.key.rawValue, JSON.number(JSONNumber($0.value))) }
        return JSON.object(OrderedDictionary(uniqueKeysWithValues: slots)).text
    }
}
