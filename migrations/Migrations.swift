/// The schema of the store, as plain SQL files that the program carries.
package enum Migrations {
    /// One step forward; never edited after its release.
    package struct Migration: Sendable {
        package let name: String
        package let sql: String
    }

    /// All steps, in the order they are taken.
    package static let all: [Migration] = [
        migration("v001_accounts", PackageResources.v001_accounts_sql),
        migration("v002_assets", PackageResources.v002_assets_sql),
        migration("v003_services", PackageResources.v003_services_sql),
        migration("v004_market", PackageResources.v004_market_sql),
        migration("v005_jobs", PackageResources.v005_jobs_sql),
        migration("v006_deliveries", PackageResources.v006_deliveries_sql),
        migration("v007_idempotency", PackageResources.v007_idempotency_sql),
        migration("v008_purchase_tokens", PackageResources.v008_purchase_tokens_sql),
        migration("v009_provenance", PackageResources.v009_provenance_sql),
        migration("v010_children", PackageResources.v010_children_sql),
        migration("v011_collections", PackageResources.v011_collections_sql),
        migration("v012_completions", PackageResources.v012_completions_sql),
        migration("v013_objects", PackageResources.v013_objects_sql),
    ]

    private static func migration(_ name: String, _ sql: [UInt8]) -> Migration {
        Migration(name: name, sql: String(decoding: sql, as: UTF8.self))
    }
}
