package import InvokeModel
package import InvokeStore

extension Agent {
    package func createListing(_ listing: NewListing, by caller: Account) async throws -> Listing {
        guard let asset = try await store.asset(listing.asset), try await isVisible(asset, to: caller) else {
            throw Refusal(
                .invalidInput,
                [Violation("#/assetid", "there is no asset \(listing.asset) here; register its metadata first")]
            )
        }
        guard asset.owner == caller.id || caller.isAdmin else {
            throw Refusal.forbidden("the owner of the asset: only he can offer it")
        }
        defer { catalogue.forget() }
        return try await store.createListing(listing, owner: caller.id)
    }

    /// An owner's listings of any status, or without an owner everybody's published ones.
    package func listings(
        of owner: String?,
        from: Int,
        size: Int,
        for caller: Account?
    ) async throws -> [Listing] {
        guard let owner else {
            return try await store.listings(ListingFilter(owner: nil, isPublished: true, from: from, size: size))
        }
        var account = try await store.account(named: owner)?.account
        if account == nil, let id = Hex32(owner) { account = try await store.account(id) }
        guard let account else { return [] }
        let seesAll = caller.map { $0.id == account.id || $0.isAdmin } ?? false
        return try await store.listings(
            ListingFilter(owner: account.id, isPublished: !seesAll, from: from, size: size)
        )
    }

    package func listing(_ id: String, for caller: Account?) async throws -> Listing {
        guard let key = Hex32(id), let listing = try await store.listing(key),
            listing.status == .published || caller.map({ $0.id == listing.owner || $0.isAdmin }) == true
        else { throw Refusal(.unknownResource, "There is no listing \"\(id.prefix(80))\".") }
        return listing
    }

    package func changeListing(_ id: String, _ change: ListingChange, by caller: Account) async throws -> Listing {
        let listing = try await listing(id, for: caller)
        guard listing.owner == caller.id || caller.isAdmin else {
            throw Refusal.forbidden("the owner of the listing")
        }
        let isSuspension =
            change.status != listing.status
            && (change.status == .suspended || (listing.status == .suspended && change.status != nil))
        guard !isSuspension || caller.isAdmin else {
            throw Refusal.forbidden("an admin, who alone suspends listings and lifts a suspension")
        }
        defer { catalogue.forget() }
        guard let changed = try await store.changeListing(listing.id, change) else {
            throw Refusal(.unknownResource, "There is no listing \"\(id.prefix(80))\".")
        }
        return changed
    }

    package func createPurchase(_ purchase: NewPurchase, by caller: Account) async throws -> Purchase {
        guard let listing = try await store.listing(purchase.listing), listing.status == .published else {
            throw Refusal(
                .invalidInput,
                [Violation("#/listingid", "there is no published listing \(purchase.listing) here")]
            )
        }
        let uses = listing.usesPerPurchase
        return try await store.createPurchase(
            NewPurchase(
                id: purchase.id,
                listing: purchase.listing,
                info: purchase.info,
                agreement: purchase.agreement ?? listing.agreement,
                status: purchase.status,
                uses: uses
            ),
            buyer: caller.id
        )
    }

    package func purchases(from: Int, size: Int, for caller: Account) async throws -> [Purchase] {
        try await store.purchases(of: caller.id, from: from, size: size)
    }

    /// A purchase, to its buyer, its seller and admins.
    package func purchase(_ id: String, for caller: Account) async throws -> Purchase {
        guard let key = Hex32(id), let purchase = try await store.purchase(key),
            [purchase.buyer, purchase.seller].contains(caller.id) || caller.isAdmin
        else { throw Refusal(.unknownResource, "There is no purchase \"\(id.prefix(80))\".") }
        return purchase
    }

    /// The buyer changes his own words; the payment is the seller's and the admins' to write, and theirs alone.
    package func changePurchase(_ id: String, _ change: PurchaseChange, by caller: Account) async throws -> Purchase {
        let purchase = try await purchase(id, for: caller)
        let isSeller = purchase.seller == caller.id || caller.isAdmin
        let isBuyer = purchase.buyer == caller.id
        // Clients send whole records back: what has not changed is no change.
        var change = change
        if change.payment == purchase.payment { change.payment = nil }
        if change.status == purchase.status { change.status = nil }
        guard change.payment == nil || isSeller else {
            throw Refusal.forbidden("the seller or an admin, who alone say whether a purchase is paid for")
        }
        guard isBuyer || caller.isAdmin || (change.status == nil && change.info == nil && change.agreement == nil)
        else { throw Refusal.forbidden("the buyer; a seller changes the payment only") }
        guard let changed = try await store.changePurchase(purchase.id, change) else {
            throw Refusal(.unknownResource, "There is no purchase \"\(id.prefix(80))\".")
        }
        return changed
    }
}
