import Hummingbird
import InvokeModel

/// The viewer's assets, and each asset that he may see.
enum AssetPages {
    static func add(to pages: Pages) {
        pages.get("/ui/assets") { visit in try await list(visit) }
        pages.get("/ui/assets/new") { visit in try upload(visit) }
        pages.get("/ui/assets/{id}") { visit in try await AssetPage(visit).response() }
    }

    private static func list(_ visit: Visit) async throws -> Response {
        let asked = Query(["q", "cursor"].map { ($0, visit.query($0) ?? "") })
        let list = try await visit.list("/assets\(asked.text)", "assets")
        return visit.page(
            "assets",
            .assets,
            title: "Assets",
            of: list,
            as: AssetRow.self,
            styles: ["assets.css"]
        ) {
            ["q": visit.query("q") ?? "", "isSearch": visit.query("q") != nil]
        }
    }

    private static func upload(_ visit: Visit) throws -> Response {
        guard visit.viewer != nil else { throw Unanswered(status: 401, body: .null) }
        return visit.page(
            "asset-new",
            .assets,
            title: "Upload an asset",
            styles: ["assets.css"],
            scripts: ["asset-new.js"]
        )
    }
}

/// One asset in a list.
private struct AssetRow: Row {
    static let template = "assetrow"
    let content: [String: Any]

    init(_ item: JSON, for viewer: Account?) {
        let id = item["id"]?.string ?? ""
        let name = item["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let short = String(id.prefix(10))
        var content: [String: Any] = ["href": "/ui/assets/\(Paths.escape(id))", "name": name ?? short, "id": short]
        content["kind"] = item["type"]?.string
        content["contentType"] = item["content_type"]?.string
        content["size"] = item["size"]?.int.map(Format.bytes)
        content["created"] = item["created"]?.string
        self.content = content
    }
}
