import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// Listings and purchases, as the market's clients use them (dep.md §10).
enum MarketRoutes {
    /// What clients send back and what is not theirs to say.
    private static let echoed: Set<String> = [
        "id", "userid", "assetid", "assetID", "assetId", "listingid", "ctime", "utime", "uses_left", "uses",
        "asset_name", "asset_type", "username", "sellerid", "seller_name", "listing_status",
    ]

    static func add(to routes: Routes) {
        listings(routes)
        purchases(routes)
        users(routes)
    }

    private static func listings(_ routes: Routes) {
        routes.post("/api/v1/market/listings") { call in
            let caller = try call.account()
            var body = try MemberReader(try await call.json())
            let assets = ["assetid", "assetID", "assetId"].compactMap { body.id($0) }
            if assets.isEmpty, body.violations.isEmpty { body.add("assetid", "is required") }
            let id = body.id("id")
            let info = body.object("info") ?? [:]
            let agreement = body.value("agreement")
            let status = body.word("status", of: ListingStatus.self)
            let trust = body.int("trust_level")
            if let agreement { body.checkPrice(in: agreement) }
            try body.finish(ignoring: echoed)
            guard let asset = assets.first else { throw Refusal.internalFault }
            let listing = NewListing(
                id: id ?? .random(),
                asset: asset,
                info: info,
                agreement: agreement,
                status: status ?? .unpublished,
                trustLevel: trust ?? 0
            )
            return try await answer(call, try await call.agent.createListing(listing, by: caller))
        }
        routes.get("/api/v1/market/listings", .catalogue) { call in
            try await page(call, of: call.query("userid") ?? call.query("username"))
        }
        routes.get("/api/v1/market/listings/{id}", .catalogue) { call in
            let id = call.parameter("id")
            // The JavaScript client forgets the question mark.
            for query in ["userid=", "username="] where id.hasPrefix(query) {
                return try await page(call, of: String(id.dropFirst(query.count)))
            }
            return try await answer(call, try await call.agent.listing(id, for: call.caller))
        }
        routes.put("/api/v1/market/listings/{id}") { call in
            let caller = try call.account()
            var body = try MemberReader(try await call.json())
            let change = ListingChange(
                info: body.object("info"),
                agreement: body.value("agreement"),
                status: body.word("status", of: ListingStatus.self),
                trustLevel: body.int("trust_level")
            )
            if let agreement = change.agreement { body.checkPrice(in: agreement) }
            try body.finish(ignoring: echoed)
            return try await answer(
                call,
                try await call.agent.changeListing(call.parameter("id"), change, by: caller)
            )
        }
    }

    private static func answer(_ call: Call, _ listing: Listing) async throws -> Response {
        Response(json: try await bodies(of: [listing], call)[0])
    }

    private static func bodies(of listings: [Listing], _ call: Call) async throws -> [JSON] {
        let offered = try await call.agent.store.offered(Set(listings.map(\.asset)), to: call.caller)
        return listings.map { DEPv1.body(of: $0, offering: offered[$0.asset], to: call.caller) }
    }

    /// One page of listings: those of a user, or everybody's published ones.
    private static func page(_ call: Call, of owner: String?) async throws -> Response {
        try await page(call) { from, size in
            let listings = try await call.agent.listings(of: owner, from: from, size: size, for: call.caller)
            return try await bodies(of: listings, call)
        }
    }

    /// One page of a list, that its headers number as the market's clients do.
    private static func page(_ call: Call, _ list: (_ from: Int, _ size: Int) async throws -> [JSON]) async throws
        -> Response
    {
        let from = try call.number("from", in: 0...1_000_000_000, default: 0)
        let size = try call.number("size", in: 1...1000, default: 100)
        var response = Response(json: .array(try await list(from, size)))
        response.headers[.xOceanFrom] = String(from)
        response.headers[.xOceanSize] = String(size)
        return response
    }

    private static func users(_ routes: Routes) {
        routes.get("/api/v1/market/users", .account) { call in
            let caller = try call.account()
            return try await page(call) { from, size in
                try await call.agent.accounts(from: from, size: size, for: caller).map(DEPv1.body(of:))
            }
        }
        routes.get("/api/v1/market/users/{id}", .account) { call in
            let user = try await call.agent.account(id: call.parameter("id"), for: try call.account())
            return Response(json: DEPv1.body(of: user))
        }
    }

    private static func purchases(_ routes: Routes) {
        routes.post("/api/v1/market/purchases") { call in
            let caller = try call.account()
            var body = try MemberReader(try await call.json())
            let listing = body.id("listingid")
            if listing == nil, body.violations.isEmpty { body.add("listingid", "is required") }
            let id = body.id("id")
            let info = body.object("info") ?? [:]
            let agreement = body.value("agreement")
            let status = body.word("status", of: PurchaseStatus.self)
            try body.finish(ignoring: echoed)
            guard let listing else { throw Refusal.internalFault }
            let purchase = NewPurchase(
                id: id ?? .random(),
                listing: listing,
                info: info,
                agreement: agreement,
                status: status ?? .wishlist,
                uses: nil
            )
            return try await answer(call, try await call.agent.createPurchase(purchase, by: caller), to: caller)
        }
        routes.get("/api/v1/market/purchases", .account) { call in
            let caller = try call.account()
            return try await page(call) { from, size in
                let purchases = try await call.agent.purchases(from: from, size: size, for: caller)
                let offered = try await call.agent.store.offered(Set(purchases.map(\.asset)), to: caller)
                return purchases.map { DEPv1.body(of: $0, offering: offered[$0.asset], to: caller) }
            }
        }
        routes.get("/api/v1/market/purchases/{id}", .account) { call in
            let caller = try call.account()
            let purchase = try await call.agent.purchase(call.parameter("id"), for: caller)
            return try await answer(call, purchase, try await call.agent.store.uses(of: purchase), to: caller)
        }
        routes.put("/api/v1/market/purchases/{id}") { call in
            let caller = try call.account()
            var body = try MemberReader(try await call.json())
            let change = PurchaseChange(
                info: body.object("info"),
                agreement: body.value("agreement"),
                status: body.word("status", of: PurchaseStatus.self),
                payment: body.word("payment", of: Payment.self)
            )
            try body.finish(ignoring: echoed)
            let purchase = try await call.agent.changePurchase(call.parameter("id"), change, by: caller)
            return try await answer(call, purchase, to: caller)
        }
    }

    private static func answer(
        _ call: Call,
        _ purchase: Purchase,
        _ uses: [PurchaseUse]? = nil,
        to caller: Account
    ) async throws -> Response {
        let offered = try await call.agent.store.offered([purchase.asset], to: caller)
        return Response(json: DEPv1.body(of: purchase, offering: offered[purchase.asset], to: caller, uses))
    }
}

extension MemberReader {
    /// A price is decimal text or a number, not negative; a price that can't be read must not mean "free".
    fileprivate mutating func checkPrice(in agreement: JSON) {
        guard let price = agreement["price"], price != .null else { return }
        let text = price.string ?? price.number?.text
        let isDecimal = text.map { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            return (1...2).contains(parts.count)
                && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        }
        if isDecimal != true { add("agreement", "its price must be a decimal such as \"0.50\"") }
        if let uses = agreement["uses"], uses != .null, uses.int.map({ $0 >= 1 }) != true {
            add("agreement", "its uses must be a whole number from 1")
        }
    }
}
