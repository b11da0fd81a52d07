import Hummingbird
import InvokeModel
import OrderedCollections

/// One asset: what it is, where it came from and what became of it.
struct AssetPage {
    private let visit: Visit
    private let id: String

    /// How many assets that were made of it are told; the graph has them all.
    private static let mostUses = 50

    init(_ visit: Visit) {
        self.visit = visit
        id = visit.parameter("id").lowercased()
    }

    func response() async throws -> Response {
        let metadata = try await visit.get("/api/v1/meta/data/\(Paths.escape(id))")
        let facts = AssetFacts(id: id, metadata)
        let stored = try await visit.contentFacts(facts.contentPath)
        var content: [String: Any] = [
            "id": id, "name": facts.name, "url": facts.contentPath, "page": facts.page,
            "kind": metadata["type"]?.string ?? "dataset",
            "isOperation": metadata["type"]?.string == "operation",
            "metadata": pretty(metadata),
            "metadataHref": "/api/v1/meta/data/\(id)",
        ]
        content["contentType"] = metadata["contentType"]?.string
        content["description"] = metadata["description"]?.string
        content["created"] = metadata["dateCreated"]?.string
        switch stored {
        case .here(let size, let hash):
            content["hasContent"] = true
            content["viewType"] = facts.contentType
            content["size"] = size
            content["sizeText"] = Format.bytes(size)
            content["hash"] = hash
        case .unpaid: content["isUnpaid"] = true
        case .none: content["isBare"] = true
        }
        content["canChange"] = try await isOwn(metadata["name"]?.string ?? "")
        try await addOrigin(to: &content)
        return visit.page(
            "asset",
            .assets,
            title: facts.name,
            content,
            styles: ["assets.css", "viewers.css"],
            scripts: ["viewers.js"]
        )
    }

    /// Whether the asset is the viewer's own; admins may do with all what its owner may.
    private func isOwn(_ name: String) async throws -> Bool {
        guard let viewer = visit.viewer else { return false }
        if viewer.isAdmin { return true }
        let found =
            try await visit.find("/assets\(Query([("q", name), ("limit", "200")]).text)")?["assets"]?.array ?? []
        return found.contains { $0["id"]?.string == id }
    }

    private func addOrigin(to content: inout [String: Any]) async throws {
        let path = "/api/v1/meta/data/\(id)/provenance"
        let up = ProvenanceDocument(try await visit.find("\(path)?direction=up&depth=1&limit=20") ?? .null)
        let down = ProvenanceDocument(
            try await visit.find("\(path)?direction=down&depth=1&limit=\(Self.mostUses)") ?? .null
        )
        var names = AssetNames()
        try await names.find(up.jobs + down.jobs, visit)
        content["origins"] = up.jobs.filter { $0.made.contains { $0.assetID == id } }.map { $0.content(names) }
        let uses = down.jobs.filter { $0.used.contains { $0.assetID == id } }
        content["uses"] = uses.map { $0.content(names) }
        content["isUsed"] = !uses.isEmpty
        content["hasMoreUses"] = down.entities.count >= Self.mostUses
    }

    /// The metadata, one member a line.
    private func pretty(_ metadata: JSON) -> String {
        guard let members = metadata.object, !members.isEmpty else { return metadata.text }
        let lines = members.map { "  \(JSON.string($0).text): \($1.text)" }
        return "{\n\(lines.joined(separator: ",\n"))\n}"
    }
}
