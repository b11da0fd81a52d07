import InvokeModel

/// One purchase, in a list or on its own page.
struct PurchaseRow: Row {
    static let template = "purchaserow"
    let content: [String: Any]

    init(_ purchase: JSON, for viewer: Account?) {
        let id = purchase["id"]?.string ?? ""
        let (status, payment) = (purchase["status"]?.string ?? "", purchase["payment"]?.string ?? "")
        let (buyer, seller) = (purchase["userid"]?.string ?? "", purchase["sellerid"]?.string ?? "")
        let me = viewer?.publicID.description
        let isBuyer = buyer == me
        let isSeller = seller == me || viewer?.isAdmin == true
        var view = purchase.fields
        view["api"] = "/api/v1/market/purchases/\(id)"
        view["path"] = "/ui/market/purchases/\(id)"
        view["side"] = isBuyer ? "bought" : "sold"
        view["buyer"] = isBuyer ? "you" : purchase["username"]?.string ?? "\(buyer.prefix(12))…"
        view["seller"] = seller == me ? "you" : purchase["seller_name"]?.string ?? "\(seller.prefix(12))…"
        view["maySettle"] = isSeller && payment != "settled"
        view["mayRefund"] = isSeller && payment == "settled"
        view["mayOrder"] = isBuyer && status == "wishlist"
        view["mayNoteDelivery"] = isBuyer && status == "ordered"
        view["isToken"] = isBuyer && payment == "settled" && status != "wishlist"
        view["isWaiting"] = isBuyer && payment != "settled" && payment != "refunded" && status != "wishlist"
        view["paymentState"] = ["settled": "ok", "refunded": "bad", "pending": "warn"][payment] ?? "none"
        view["usesLeft"] = purchase["uses_left"]?.text
        let jobs = purchase["uses"]?.array?.map { ["job": $0["jobid"], "status": $0["status"], "at": $0["created"]] }
        view["jobs"] = jobs?.map { $0.compactMapValues { $0?.string } } ?? []
        view["isUsed"] = jobs?.isEmpty == false
        view.merge(Terms.view(purchase["agreement"])) { _, new in new }
        view.merge(ListingRow.asset(of: purchase)) { _, new in new }
        // There is a page of what the viewer may see only.
        if purchase["asset_type"] == nil { view["assetPath"] = nil }
        view["listing"] = purchase["listing_status"].map { _ in
            "/ui/market/listings/\(purchase["listingid"]?.string ?? "")"
        }
        content = view
    }
}
