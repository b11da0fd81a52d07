import InvokeModel

/// Purchases as pages show them, to one viewer.
struct Market {
    private let visit: Visit
    /// The id of the viewer's account.
    let viewerID: String

    /// - Throws: `Unanswered` with 401 when nobody is logged in.
    init(_ visit: Visit) throws {
        guard let viewer = visit.viewer else { throw Unanswered(status: 401, body: .null) }
        self.visit = visit
        viewerID = viewer.publicID.description
    }

    private var isAdmin: Bool { visit.viewer?.isAdmin == true }

    func view(ofPurchase purchase: JSON) async throws -> [String: Any] {
        let id = purchase["id"]?.string ?? ""
        let (status, payment) = (purchase["status"]?.string ?? "", purchase["payment"]?.string ?? "")
        let isBuyer = purchase["userid"]?.string == viewerID
        let listing = try await visit.find("/api/v1/market/listings/\(purchase["listingid"]?.string ?? "")")
        let isSeller = !isBuyer || listing?["userid"]?.string == viewerID || isAdmin
        var view = purchase.fields
        view["api"] = "/api/v1/market/purchases/\(id)"
        view["path"] = "/ui/market/purchases/\(id)"
        view["isBuyer"] = isBuyer
        view["side"] = isBuyer ? "bought" : "sold"
        view["buyer"] = isBuyer ? "you" : try await name(ofAccount: purchase["userid"]?.string)
        view["maySettle"] = isSeller && payment != "settled"
        view["mayRefund"] = isSeller && payment == "settled"
        view["mayOrder"] = isBuyer && status == "wishlist"
        view["mayNoteDelivery"] = isBuyer && status == "ordered"
        view["isToken"] = isBuyer && payment == "settled" && status != "wishlist"
        view["isWaiting"] = isBuyer && payment != "settled" && payment != "refunded" && status != "wishlist"
        view["paymentState"] = ["settled": "ok", "refunded": "bad", "pending": "warn"][payment] ?? "none"
        view.merge(Terms.view(purchase["agreement"])) { _, new in new }
        view["usesLeft"] = purchase["uses_left"]?.text
        let jobs = purchase["uses"]?.array?.map { ["job": $0["jobid"], "status": $0["status"], "at": $0["created"]] }
        view["jobs"] = jobs?.map { $0.compactMapValues { $0?.string } } ?? []
        view["isUsed"] = jobs?.isEmpty == false
        if let listing {
            view["listing"] = "/ui/market/listings/\(listing["id"]?.string ?? "")"
            view.merge(ListingRow.asset(of: listing)) { _, new in new }
        } else {
            view["offered"] = "no longer listed"
        }
        return view
    }

    /// Admins are told names; others see the beginning of an id.
    private func name(ofAccount id: String?) async throws -> String {
        guard let id else { return "" }
        let user = isAdmin ? try await visit.find("/api/v1/market/users/\(id)") : nil
        return user?["username"]?.string ?? "\(id.prefix(12))…"
    }
}
