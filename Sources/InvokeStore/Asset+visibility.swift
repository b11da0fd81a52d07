import GRDB
import InvokeModel

extension Asset {
    /// Whether the account of `reader` may see a row of `assets`: a private asset exists for its owner, for admins, for
    /// those who bought it, and while it is offered for all who have an account.
    static let isVisible = """
        (assets.is_private = 0 OR :admin OR (:account IS NOT NULL AND (assets.owner_id = :account OR EXISTS (
            SELECT 1 FROM listings WHERE listings.asset_id = assets.asset_id AND (listings.status = 'published'
                OR EXISTS (SELECT 1 FROM purchases WHERE purchases.listing_id = listings.id
                    AND purchases.buyer_id = :account AND purchases.payment = 'settled'
                    AND purchases.status != 'wishlist' AND (uses_left IS NULL OR uses_left > 0)))))))
        """

    /// The arguments of `isVisible`.
    static func reader(_ account: Account?) -> StatementArguments {
        ["account": account?.id, "admin": account?.isAdmin ?? false]
    }
}
