import InvokeModel
import OrderedCollections

/// The inputs and outputs of a job as the viewers show them.
struct ValueView {
    let visit: Visit
    /// What the metadata of the operation declares, by name; nil when nothing is known of it.
    let declared: JSON?

    /// One value: a text or JSON as it is, an asset as where its content is.
    func content(_ name: String, _ value: JSON) async throws -> [String: Any] {
        var content: [String: Any] = ["name": name]
        content["description"] = declared?[name]?["description"]?.string
        if let did = value["did"]?.string {
            try await describe(did, in: &content)
        } else if let digest = value["sha3-256"]?.string, value.object?.count == 1 {
            content["digest"] = digest
        } else {
            let declaredType = declared?[name]?["contentType"]?.string
            content["text"] = value.string ?? value.text
            content["isInline"] = true
            content["type"] = value.string == nil ? "application/json" : declaredType ?? "text/plain"
        }
        return content
    }

    private func describe(_ did: String, in content: inout [String: Any]) async throws {
        content["did"] = did
        guard let id = did.assetID, let metadata = try await visit.find("/api/v1/meta/data/\(id)") else { return }
        let facts = AssetFacts(id: id, metadata)
        content["isAsset"] = true
        content["assetName"] = facts.name
        content["type"] = facts.contentType
        content["size"] = facts.size
        content["sizeText"] = facts.size.map(Format.bytes)
        content["hash"] = facts.contentHash
        content["url"] = facts.contentPath
        content["href"] = facts.page
    }
}

/// What pages tell of an asset, by its metadata.
struct AssetFacts {
    let name: String
    let contentType: String
    /// In bytes, where the metadata tells it.
    let size: Int?
    let contentHash: String?
    let contentPath: String
    let page: String

    init(id: String, _ metadata: JSON) {
        name = metadata["name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? String(id.prefix(10))
        contentType = metadata["contentType"]?.string ?? "application/octet-stream"
        size = metadata["size"]?.int ?? metadata["size"]?.string.flatMap { Int($0) }
        contentHash = metadata["contentHash"]?.string
        contentPath = "/api/v1/assets/\(id)"
        page = "/ui/assets/\(id)"
    }
}
