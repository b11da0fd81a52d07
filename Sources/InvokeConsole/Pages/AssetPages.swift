import Hummingbird
import InvokeModel

/// The viewer's assets, and each asset that he may see.
enum AssetPages {
    static func add(to pages: Pages<some RequestContext>) {
        pages.get("/ui/assets") { visit in try await list(visit) }
        pages.get("/ui/assets/new") { visit in try upload(visit) }
        pages.get("/ui/assets/{id}") { visit in try await AssetPage(visit).response() }
    }

    private static func list(_ visit: Visit) async throws -> Response {
        let asked = Query(["q", "cursor"].map { ($0, visit.query($0) ?? "") })
        let page = try await visit.get("/assets\(asked.text)")
        let assets = page["assets"]?.array ?? []
        var content: [String: Any] = [
            "assets": assets.map(row), "isEmpty": assets.isEmpty, "isSearch": visit.query("q") != nil,
        ]
        content["q"] = visit.query("q")
        return visit.page("assets", .assets, title: "Assets", content, below: page, styles: ["assets.css"])
    }

    private static func row(_ asset: JSON) -> [String: Any] {
        let id = asset["id"]?.string ?? ""
        let name = asset["name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let short = String(id.prefix(10))
        var row: [String: Any] = ["href": "/ui/assets/\(Paths.escape(id))", "name": name ?? short, "id": short]
        row["kind"] = asset["type"]?.string
        row["contentType"] = asset["content_type"]?.string
        row["size"] = asset["size"]?.int.map(Format.bytes)
        row["created"] = asset["created"]?.string
        return row
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
