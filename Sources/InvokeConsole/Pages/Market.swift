import InvokeModel

/// Listings and purchases as pages show them, to one viewer.
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

    func view(ofListing listing: JSON) async throws -> [String: Any] {
        let id = listing["id"]?.string ?? ""
        let status = listing["status"]?.string ?? ""
        let isMine = listing["userid"]?.string == viewerID
        var view = listing.fields
        view["api"] = "/api/v1/market/listings/\(id)"
        view["path"] = "/ui/market/listings/\(id)"
        view["isMine"] = isMine
        view["mayChange"] = isMine || isAdmin
        view["isPublished"] = status == "published"
        view["isUnpublished"] = status == "unpublished"
        view["isSuspended"] = status == "suspended"
        view["maySuspend"] = isAdmin && status != "suspended"
        view["mayLift"] = isAdmin && status == "suspended"
        view["mayPublish"] = (isMine || isAdmin) && status == "unpublished"
        view["mayWithdraw"] = (isMine || isAdmin) && status == "published"
        view["mayBuy"] = status == "published" && !isMine
        view["state"] = ["published": "ok", "suspended": "bad"][status] ?? "none"
        view["seller"] = isMine ? "you" : try await name(ofAccount: listing["userid"]?.string)
        view.merge(terms(listing["agreement"])) { _, new in new }
        view.merge(try await asset(listing["assetid"]?.string ?? "")) { _, new in new }
        return view
    }

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
        view.merge(terms(purchase["agreement"])) { _, new in new }
        view["usesLeft"] = purchase["uses_left"]?.text
        let jobs = purchase["uses"]?.array?.map { ["job": $0["jobid"], "status": $0["status"], "at": $0["created"]] }
        view["jobs"] = jobs?.map { $0.compactMapValues { $0?.string } } ?? []
        view["isUsed"] = jobs?.isEmpty == false
        if let listing {
            view["listing"] = "/ui/market/listings/\(listing["id"]?.string ?? "")"
            view.merge(try await asset(listing["assetid"]?.string ?? "")) { _, new in new }
        } else {
            view["offered"] = "no longer listed"
        }
        return view
    }

    /// The assets and operations of the viewer that he can offer.
    func offerable() async throws -> [[String: Any]] {
        let assets = try await visit.find("/assets?limit=200")?["assets"]?.array ?? []
        return assets.map { asset in
            let id = asset["id"]?.string ?? ""
            return ["id": id, "text": asset["name"]?.string ?? id]
        }
    }

    private func terms(_ agreement: JSON?) -> [String: Any] {
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

    /// What is offered: its name, what it is, its page.
    private func asset(_ id: String) async throws -> [String: Any] {
        let metadata = try await visit.find("/api/v1/meta/data/\(Paths.escape(id))")
        let isOperation = metadata?["type"]?.string == "operation"
        return [
            "offered": metadata?["name"]?.string ?? "asset \(id.prefix(12))…",
            "what": metadata?["type"]?.string ?? "asset",
            "assetPath": isOperation ? "/ui/operations/\(Paths.escape(id))" : "/ui/assets/\(Paths.escape(id))",
        ]
    }

    /// Admins are told names; others see the beginning of an id.
    private func name(ofAccount id: String?) async throws -> String {
        guard let id else { return "" }
        let user = isAdmin ? try await visit.find("/api/v1/market/users/\(id)") : nil
        return user?["username"]?.string ?? "\(id.prefix(12))…"
    }
}
