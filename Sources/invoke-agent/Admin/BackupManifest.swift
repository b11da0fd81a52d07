import Foundation
import InvokeModel
import InvokeWire
import OrderedCollections

/// What a backup consists of. It is written last, so a backup with it is whole.
struct BackupManifest: Sendable {
    /// The version of the program that made it.
    let version: String
    /// The moment that it keeps.
    let time: Date
    /// Nil when the agent had not been given its DID yet.
    let agent: AgentID?
    let database: File
    let key: File
    /// Rows by their kind.
    let rows: [(kind: String, count: Int)]
    /// Contents that are in the backup.
    let contents: Int
    /// Contents that the database names, and that were damaged or not there.
    let missing: [Hex32]

    /// A file in the backup's folder.
    struct File: Sendable {
        let name: String
        let bytes: Int
        let sha256: String
    }

    /// How the parts of a backup lie; another one is another program's.
    private static let layout = 1

    var json: JSON {
        [
            "layout": .number(JSONNumber(Self.layout)), "version": .string(version), "time": JSON(time: time),
            "agent": agent.map { .string(DID(agent: $0).description) } ?? .null, "database": database.json,
            "key": key.json,
            "rows": .object(
                OrderedDictionary(uniqueKeysWithValues: rows.map { ($0.kind, .number(JSONNumber($0.count))) })
            ),
            "contents": .number(JSONNumber(contents)), "missing": .array(missing.map { .string($0.description) }),
        ]
    }
}

extension BackupManifest {
    /// - Returns: nil for what this program would not write.
    init?(_ json: JSON) {
        guard json["layout"]?.int == Self.layout, let version = json["version"]?.string,
            let time = json["time"]?.string.flatMap(Date.init(iso8601:)), let contents = json["contents"]?.int,
            let database = json["database"].flatMap(File.init), let key = json["key"].flatMap(File.init),
            let missing = json["missing"]?.array?.compactMap({ $0.string.flatMap { Hex32($0) } })
        else { return nil }
        self.version = version
        self.time = time
        self.database = database
        self.key = key
        self.contents = contents
        self.missing = missing
        agent = json["agent"]?.string.flatMap { DID($0)?.agent }
        rows = json["rows"]?.object?.map { ($0.key, $0.value.int ?? 0) } ?? []
    }
}

extension BackupManifest.File {
    fileprivate var json: JSON {
        ["file": .string(name), "bytes": .number(JSONNumber(bytes)), "sha256": .string(sha256)]
    }

    /// - Returns: nil also for a name that is a path to elsewhere.
    fileprivate init?(_ json: JSON) {
        guard let name = json["file"]?.string, let bytes = json["bytes"]?.int, let sha256 = json["sha256"]?.string,
            !name.isEmpty, !name.contains("/")
        else { return nil }
        self.init(name: name, bytes: bytes, sha256: sha256)
    }
}
