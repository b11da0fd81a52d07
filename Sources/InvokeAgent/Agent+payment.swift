import InvokeModel
import InvokeStore
package import InvokeTokens

/// What has to be paid for a use, and how it is.
enum PaymentCheck {
    case free
    /// Paid: one use goes with the job.
    case paid(by: JobPayment, for: Listing)
    case refused(Refusal, Listing)

    var refusal: Refusal? { if case .refused(let refusal, _) = self { refusal } else { nil } }
    var payment: JobPayment? { if case .paid(let payment, _) = self { payment } else { nil } }

    /// What it costs; nil for nothing.
    var cost: DryRun.Cost? {
        switch self {
        case .free: nil
        case .paid(_, let offer), .refused(_, let offer):
            offer.price.map { DryRun.Cost(price: $0, listing: offer.id, isPaid: payment != nil) }
        }
    }
}

/// Who decides about purchase tokens that were not made here; nil where nobody does.
package struct TokenVerifiers: Sendable {
    package var signed: (any TokenVerifier)?
    package var external: (any TokenVerifier)?

    package init(signed: (any TokenVerifier)? = nil, external: (any TokenVerifier)? = nil) {
        self.signed = signed
        self.external = external
    }

    /// The one that decides about tokens of this shape. What looks signed is no riddle for the other, unless there are no
    /// issuers at all.
    func verifier(for token: String) -> (any TokenVerifier)? {
        SignedTokenVerifier.hasShape(token) ? signed ?? external : external
    }
}

extension Agent {
    /// Whether a caller may use an asset, data or operation, that may have a price (dep.md §14).
    ///
    /// An asset without a published or suspended listing that has a price is free, and its owner never pays. A token that is given
    /// must be right; without one, any settled purchase of the caller counts. `operation` is what the asset is used by,
    /// or the asset itself.
    func payment(
        toUse asset: AssetID,
        offers: [Listing],
        owner: Int64?,
        token: String?,
        for operation: AssetID,
        by caller: Account?
    ) async throws -> PaymentCheck {
        guard let offer = offers.first(where: { $0.price?.isFree == false }) else { return .free }
        if let caller, caller.id == owner || caller.isAdmin { return .free }
        let terms = offer.price.map { "\($0.amount) \($0.currency)" } ?? ""
        let advice =
            offer.status == .suspended
            ? "Its sale is suspended, so nobody can buy it at the moment."
            : "Buy it: POST /api/v1/market/purchases {\"listingid\":\"\(offer.id)\",\"status\":\"ordered\"}; "
                + "once the seller has settled it, the purchase's id is the token."
        guard let caller else {
            return .refused(Refusal(.notPaid, "\(did(of: asset)) costs \(terms). \(advice)"), offer)
        }
        guard let token else {
            let settled = try await store.settledPurchases(of: asset, by: caller.id)
            guard let purchase = settled.first else {
                return .refused(Refusal(.notPaid, "\(did(of: asset)) costs \(terms). \(advice)"), offer)
            }
            return .paid(by: .purchase(purchase.rowID), for: offer)
        }
        if Hex32(token) == nil, let verifier = tokens.verifier(for: token) {
            let use = TokenUse(agent: id, asset: asset, operation: operation, consumer: caller.publicID)
            return await payment(by: token, for: use, verifier, offer)
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
                ),
                offer
            )
        }
        return .paid(by: .purchase(purchase.rowID), for: offer)
    }

    private func payment(
        by token: String,
        for use: TokenUse,
        _ verifier: any TokenVerifier,
        _ offer: Listing
    ) async -> PaymentCheck {
        do throws(TokenFault) {
            return .paid(by: .token(try await verifier.verify(token, for: use)), for: offer)
        } catch {
            switch error {
            case .invalid(let reason):
                return .refused(
                    Refusal(
                        .notPaid,
                        "The purchase token does not pay for \(did(of: use.asset)): it \(reason). Get another one where "
                            + "this one came from."
                    ),
                    offer
                )
            case .undecided(let reason):
                return .refused(Refusal(.storageUnavailable, "\(reason) Try again later.", retryAfter: 10), offer)
            }
        }
    }
}
