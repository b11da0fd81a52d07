public import InvokeModel

/// What is offered, and what is paid.
extension AgentClient {
    /// Published listings, newest first; with a user's name, that user's.
    public func listings(of user: String? = nil, atMost limit: Int = 50) async throws -> [JSON] {
        var query = [(name: "size", value: String(limit))]
        if let user { query.append(("username", user)) }
        return try await json("GET", "/api/v1/market/listings" + Self.text(of: query)).array ?? []
    }

    /// A listing.
    public func listing(_ id: String) async throws -> JSON {
        try await json("GET", Self.path("api", "v1", "market", "listings", id))
    }

    /// Offers an asset; `document` has an `assetid`, and may have `agreement`, `info` and `status`.
    public func createListing(_ document: JSON) async throws -> JSON {
        try await json("POST", "/api/v1/market/listings", document)
    }

    /// Changes the members of a listing that are given.
    public func changeListing(_ id: String, _ change: JSON) async throws -> JSON {
        try await json("PUT", Self.path("api", "v1", "market", "listings", id), change)
    }

    /// The caller's own purchases and those of its listings, newest first.
    public func purchases(atMost limit: Int = 50) async throws -> [JSON] {
        try await json("GET", "/api/v1/market/purchases" + Self.text(of: [("size", String(limit))])).array ?? []
    }

    /// A purchase, and the jobs that it has paid for.
    public func purchase(_ id: String) async throws -> JSON {
        try await json("GET", Self.path("api", "v1", "market", "purchases", id))
    }

    /// Orders what a listing offers. It pays for nothing until the seller has settled it.
    public func createPurchase(ofListing id: String) async throws -> JSON {
        try await json("POST", "/api/v1/market/purchases", ["listingid": .string(id), "status": "ordered"])
    }

    /// Changes the members of a purchase that are given; `payment` is for the seller.
    public func changePurchase(_ id: String, _ change: JSON) async throws -> JSON {
        try await json("PUT", Self.path("api", "v1", "market", "purchases", id), change)
    }
}
