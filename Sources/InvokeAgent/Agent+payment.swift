import InvokeModel
import InvokeStore

/// What has to be paid for a use, and how it is.
enum PaymentCheck {
    case free
    /// Paid by a purchase: one use of it goes with the job.
    case paid(by: Purchase)
    case refused(Refusal)

    var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
    var purchase: Purchase? { if case .paid(let purchase) = self { purchase } else { nil } }
}

extension Agent {
    /// Whether a caller may use an asset, data or operation, that may have a price (dep.md §14, kind a).
    ///
    /// An asset without a published listing that has a price is free, and its owner never pays. A token that is given
    /// must be right; without one, any settled purchase of the caller counts.
    func payment(
        toUse asset: AssetID,
        offers: [Listing],
        owner: Int64?,
        token: String?,
        by caller: Account?
    ) async throws -> PaymentCheck {
        guard let offer = offers.first(where: { $0.price?.isFree == false }) else { return .free }
        if let caller, caller.id == owner || caller.isAdmin { return .free }
        let terms = offer.price.map { "\($0.amount) \($0.currency)" } ?? ""
        let advice =
            "Buy it: POST /api/v1/market/purchases {\"listingid\":\"\(offer.id)\",\"status\":\"ordered\"}; "
            + "once the seller has settled it, the purchase's id is the token."
        guard let caller else {
            return .refused(Refusal(.notPaid, "\(did(of: asset)) costs \(terms). \(advice)"))
        }
        guard let token else {
            let settled = try await store.settledPurchases(of: asset, by: caller.id)
            guard let purchase = settled.first else {
                return .refused(Refusal(.notPaid, "\(did(of: asset)) costs \(terms). \(advice)"))
            }
            return .paid(by: purchase)
        }
        guard let id = Hex32(token), let purchase = try await store.purchase(id), purchase.buyer == caller.id,
            purchase.asset == asset, purchase.payment == .settled, purchase.status != .wishlist,
            purchase.usesLeft != 0
        else {
            return .refused(
                Refusal(
                    .notPaid,
                    "The purchase token does not pay for \(did(of: asset)): it must be the id of a purchase of yours "
                        + "that is settled, not refunded and not used up. \(advice)"
                )
            )
        }
        return .paid(by: purchase)
    }
}
