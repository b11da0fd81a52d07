import Foundation
import GRDB
package import InvokeModel

/// Which operations a page holds.
package struct OperationFilter: Sendable {
    /// Words of which each is somewhere in the name, the service's name or the description, in capitals or not.
    package var text: String?
    package var tag: String?
    /// The name of the service.
    package var service: String?

    package init(text: String? = nil, tag: String? = nil, service: String? = nil) {
        self.text = text
        self.tag = tag
        self.service = service
    }
}

extension Store {
    /// The present operations of all live services, or of one, in the order of their registration.
    package func operations(
        of service: Int64? = nil,
        _ filter: OperationFilter = OperationFilter(),
        after: Int64 = 0,
        limit: Int
    ) async throws -> [OperationRecord] {
        // No tag has a blank.
        guard filter.tag?.contains(" ") != true else { return [] }
        let words = (filter.text ?? "").lowercased().split(whereSeparator: \.isWhitespace)
        let sought = JSON.array(words.map { .string(String($0)) }).text
        return try await read { database in
            try Row.fetchAll(
                database,
                sql: OperationRecord.selection + """
                     WHERE operations.is_current = 1 AND operations.retired_at IS NULL AND operations.id > :after
                        AND (:row IS NULL OR service_id = :row)
                        AND (:service IS NULL OR services.name = :service)
                        AND NOT EXISTS (SELECT 1 FROM json_each(:words) WHERE NOT instr(search_text, value))
                        AND (:tag IS NULL OR instr(' ' || tags || ' ', ' ' || :tag || ' '))
                    ORDER BY operations.id LIMIT :limit
                    """,
                arguments: [
                    "after": after, "row": service, "service": filter.service, "words": sought, "tag": filter.tag,
                    "limit": limit,
                ]
            ).map(OperationRecord.init(row:))
        }
    }

    /// The operation with this asset id, unless it is retired.
    package func operation(_ asset: AssetID) async throws -> OperationRecord? {
        try await read { database in
            try Row.fetchOne(
                database,
                sql: OperationRecord.selection + " WHERE operations.asset_id = ? AND operations.retired_at IS NULL",
                arguments: [Data(asset.bytes)]
            ).map(OperationRecord.init(row:))
        }
    }

    /// The operation with this row, also when it is retired: its jobs go on.
    package func operation(id: Int64) async throws -> OperationRecord {
        try await read { database in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: OperationRecord.selection + " WHERE operations.id = ?",
                    arguments: [id]
                )
            else { throw StoreFault.unreadable("operation") }
            return try OperationRecord(row: row)
        }
    }
}

extension Database {
    func insert(_ operation: NewOperation, of service: NewService, id: Int64, now: Int64) throws {
        let text = [operation.name, service.name, operation.description ?? ""].joined(separator: "\n")
        try execute(
            sql: """
                INSERT INTO operations (asset_id, service_id, service_version, name, search_text, tags, definition,
                    is_current, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)
                ON CONFLICT (asset_id) DO UPDATE SET service_id = excluded.service_id, is_current = 1,
                    service_version = excluded.service_version, definition = excluded.definition,
                    search_text = excluded.search_text, tags = excluded.tags, retired_at = NULL
                """,
            arguments: [
                Data(operation.asset.id.bytes), id, service.version, operation.name, text.lowercased(),
                operation.tags.joined(separator: " "), operation.definition, now,
            ]
        )
    }
}
