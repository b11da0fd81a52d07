import Hummingbird
import InvokeModel

/// What is offered, and what was bought and sold.
enum MarketPages {
    static func add(to pages: Pages) {
        pages.get("/ui/market") { visit in
            guard visit.viewer != nil else { throw Unanswered(status: 401, body: .null) }
            return try await listings(visit, path: "", title: "Offers", tab: "offers")
        }
        pages.get("/ui/market/own") { visit in
            let market = try Market(visit)
            return try await listings(visit, path: "userid=\(market.viewerID)&", title: "Your listings", tab: "own")
        }
        pages.get("/ui/market/listings/{id}") { visit in
            guard let viewer = visit.viewer else { throw Unanswered(status: 401, body: .null) }
            let path = "/api/v1/market/listings/\(Paths.escape(visit.parameter("id")))"
            let listing = ListingRow(try await visit.get(path), for: viewer).content
            return visit.page(
                "listing",
                .market,
                title: listing["offered"] as? String ?? "Listing",
                ["listing": listing, "tab": [String: Any]()],
                styles: ["operate.css"]
            )
        }
        pages.get("/ui/market/purchases") { visit in
            let market = try Market(visit)
            let (items, more) = try await page(visit, "/api/v1/market/purchases?")
            var purchases: [[String: Any]] = []
            for item in items { purchases.append(try await market.view(ofPurchase: item)) }
            return visit.page(
                "purchases",
                .market,
                title: "Purchases",
                more.merging(
                    ["tab": ["purchases": true], "purchases": purchases, "isEmpty": purchases.isEmpty]
                ) { one, _ in one },
                styles: ["operate.css"]
            )
        }
        pages.get("/ui/market/purchases/{id}") { visit in
            let market = try Market(visit)
            let path = "/api/v1/market/purchases/\(Paths.escape(visit.parameter("id")))"
            let purchase = try await market.view(ofPurchase: try await visit.get(path))
            return visit.page(
                "purchase",
                .market,
                title: "Purchase",
                ["purchase": purchase, "tab": [String: Any]()],
                styles: ["operate.css"]
            )
        }
    }

    private static func listings(
        _ visit: Visit,
        path: String,
        title: String,
        tab: String
    ) async throws -> Response {
        let list = try await visit.numberedList("/api/v1/market/listings?\(path)")
        let isOwn = tab == "own"
        return visit.page(
            "market",
            .market,
            title: title,
            of: list,
            as: ListingRow.self,
            styles: ["operate.css"],
            scripts: isOwn ? ["suggest.js"] : []
        ) {
            var content: [String: Any] = ["tab": [tab: true], "isOwn": isOwn]
            content["asset"] = visit.query("asset")
            return content
        }
    }

    private static let size = 50

    /// A page of a list that is numbered, and what the pager needs.
    private static func page(_ visit: Visit, _ path: String) async throws -> (items: [JSON], more: [String: Any]) {
        let from = max(0, Int(visit.query("from") ?? "") ?? 0)
        let items = try await visit.get("\(path)from=\(from)&size=\(size + 1)").array ?? []
        var more: [String: Any] = [:]
        if items.count > size { more["next"] = visit.path + visit.query.with("from", String(from + size)).text }
        if from > 0 { more["first"] = visit.path + visit.query.with("from", nil).text }
        return (Array(items.prefix(size)), more)
    }
}
