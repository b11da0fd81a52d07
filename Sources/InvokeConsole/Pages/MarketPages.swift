import Hummingbird
import InvokeModel

/// What is offered, and what was bought and sold.
enum MarketPages {
    static func add(to pages: Pages) {
        pages.get("/ui/market") { visit in
            _ = try viewer(of: visit)
            return try await listings(visit, path: "", title: "Offers", tab: "offers")
        }
        pages.get("/ui/market/own") { visit in
            let path = "userid=\(try viewer(of: visit).publicID)&"
            return try await listings(visit, path: path, title: "Your listings", tab: "own")
        }
        pages.get("/ui/market/listings/{id}") { visit in
            let viewer = try viewer(of: visit)
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
            visit.page(
                "purchases",
                .market,
                title: "Purchases",
                of: try await visit.numberedList("/api/v1/market/purchases?"),
                as: PurchaseRow.self,
                styles: ["operate.css"]
            ) { ["tab": ["purchases": true]] }
        }
        pages.get("/ui/market/purchases/{id}") { visit in
            let path = "/api/v1/market/purchases/\(Paths.escape(visit.parameter("id")))"
            let purchase = PurchaseRow(try await visit.get(path), for: visit.viewer).content
            return visit.page(
                "purchase",
                .market,
                title: "Purchase",
                ["purchase": purchase, "tab": [String: Any]()],
                styles: ["operate.css"]
            )
        }
    }

    /// - Throws: `Unanswered` with 401 when nobody is logged in.
    private static func viewer(of visit: Visit) throws -> Account {
        guard let viewer = visit.viewer else { throw Unanswered(status: 401, body: .null) }
        return viewer
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
}
