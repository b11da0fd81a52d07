import InvokeModel

/// One listing, in a list or on its own page.
struct ListingRow: Row {
    static let template = "listingrow"
    let content: [String: Any]

    init(_ listing: JSON, for viewer: Account?) {
        let id = listing["id"]?.string ?? ""
        let status = listing["status"]?.string ?? ""
        let seller = listing["userid"]?.string ?? ""
        let (isMine, isAdmin) = (seller == viewer?.publicID.description, viewer?.isAdmin == true)
        var view = listing.fields
        view["api"] = "/api/v1/market/listings/\(id)"
        view["path"] = "/ui/market/listings/\(id)"
        view["mayChange"] = isMine || isAdmin
        view["maySuspend"] = isAdmin && status != "suspended"
        view["mayLift"] = isAdmin && status == "suspended"
        view["mayPublish"] = (isMine || isAdmin) && status == "unpublished"
        view["mayWithdraw"] = (isMine || isAdmin) && status == "published"
        view["mayBuy"] = status == "published" && !isMine
        view["state"] = ["published": "ok", "suspended": "bad"][status] ?? "none"
        view["seller"] = isMine ? "you" : listing["username"]?.string ?? "\(seller.prefix(12))…"
        view.merge(Terms.view(listing["agreement"])) { _, new in new }
        view.merge(Self.asset(of: listing)) { _, new in new }
        content = view
    }

    /// What is offered: its name, what it is, its page.
    static func asset(of listing: JSON) -> [String: Any] {
        let id = listing["assetid"]?.string ?? ""
        let type = listing["asset_type"]?.string
        return [
            "offered": listing["asset_name"]?.string ?? "asset \(id.prefix(12))…",
            "what": type ?? "asset",
            "assetPath": "/ui/\(type == "operation" ? "operations" : "assets")/\(Paths.escape(id))",
        ]
    }
}

/// What a listing asks for, or a purchase costs.
enum Terms {
    static func view(_ agreement: JSON?) -> [String: Any] {
        guard let price = agreement?["price"].flatMap({ $0.string ?? $0.number?.text }) else {
            return ["terms": "free", "isFree": true]
        }
        var terms: [String: Any] = ["price": price, "isFree": false]
        let currency = agreement?["currency"]?.string ?? ""
        terms["currency"] = currency.isEmpty ? nil : currency
        terms["usesEach"] = agreement?["uses"]?.int
        let uses = agreement?["uses"]?.int.map { $0 == 1 ? " for one use" : " for \($0) uses" } ?? ""
        terms["terms"] = "\(price) \(currency)\(uses)"
        return terms
    }
}
