import Hummingbird
import InvokeModel
import OrderedCollections

/// Where an asset came from and what became of it, as a graph and as a table.
enum ProvenancePages {
    static func add(to pages: Pages) {
        pages.get("/ui/assets/{id}/provenance") { visit in try await ofAsset(visit) }
        pages.get("/ui/jobs/{id}/provenance") { visit in try await ofJob(visit) }
    }

    /// How many assets each direction of the first picture has at most.
    private static let limit = 40
    private static let depths = [1, 2, 5, 10]

    private static func ofAsset(_ visit: Visit) async throws -> Response {
        let id = visit.parameter("id").lowercased()
        let path = "/api/v1/meta/data/\(Paths.escape(id))"
        let metadata = try await visit.get(path)
        let depth = visit.query("depth").flatMap { Int($0) }.map { min(100, max(1, $0)) } ?? 2
        var documents: [JSON] = []
        var whole: [String] = []
        for direction in ["up", "down"] {
            let asked = "direction=\(direction)&depth=\(depth)&limit=\(limit)"
            let document = try await visit.get("\(path)/provenance?\(asked)")
            documents.append(document)
            if document["entity"]?.object?.count ?? 0 < limit { whole.append(direction) }
        }
        let name = AssetFacts(id: id, metadata).name
        let start = documents[0]["entity"]?.object?.keys.first { $0.assetID == id } ?? id
        var content: [String: Any] = [
            "name": name, "back": "/ui/assets/\(id)", "whole": whole.joined(separator: " "),
            "depths": depths.map { choice in
                [
                    "href": "\(visit.path)?depth=\(choice)", "label": choice == 1 ? "1 job" : "\(choice) jobs",
                    "current": choice == depth,
                ]
            },
            "isCut": whole.count < 2,
            "limit": limit,
        ]
        content["exports"] = ["up", "down"].map { direction in
            [
                "href": "\(path)/provenance?direction=\(direction)&depth=100&limit=1000",
                "file": "provenance-\(direction)-\(id.prefix(10)).json",
                "label": direction == "up" ? "PROV-JSON of its origin" : "PROV-JSON of its use",
            ]
        }
        content["isAsset"] = true
        return try await page(visit, .assets, start, documents, content)
    }

    private static func ofJob(_ visit: Visit) async throws -> Response {
        let id = visit.parameter("id")
        let path = "/jobs/\(Paths.escape(id))/provenance"
        let document = try await visit.get(path)
        let content: [String: Any] = [
            "name": "job \(id)", "back": "/ui/jobs/\(Paths.escape(id))",
            "exports": [["href": path, "file": "provenance-job-\(id).json", "label": "PROV-JSON"]],
        ]
        return try await page(visit, .jobs, id, [document], content)
    }

    private static func page(
        _ visit: Visit,
        _ section: Section,
        _ start: String,
        _ documents: [JSON],
        _ shown: [String: Any]
    ) async throws -> Response {
        let provenance = ProvenanceDocument(documents)
        var names = AssetNames()
        try await names.find(provenance.jobs, visit)
        try await names.find(provenance.entities, visit)
        var content = shown
        content["start"] = start
        content["documents"] = JSON.array(documents).text
        content["names"] = JSON.object(.init(uniqueKeysWithValues: names.names.map { ($0, .string($1)) })).canonicalText
        content["jobs"] = provenance.jobs.map { $0.content(names) }
        content["hasJobs"] = !provenance.jobs.isEmpty
        content["svgFile"] = "provenance-\((start.assetID ?? start).prefix(18)).svg"
        return visit.page(
            "provenance",
            section,
            title: "Provenance of \(shown["name"] ?? "")",
            content,
            styles: ["provenance.css"],
            scripts: ["provenance.js"]
        )
    }
}
