package import InvokeModel
import OrderedCollections

extension DEPv1 {
    /// A listing as clients of the market read it. What it offers is told to those who may see that, the seller's name to
    /// admins: both are ours.
    package static func body(of listing: Listing, offering asset: OfferedAsset?, to reader: Account?) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "id": .string(listing.id.description),
            "assetid": .string(listing.asset.description),
            "userid": .string(listing.ownerID.description),
            "status": .string(listing.status.rawValue),
            "info": listing.info,
            "trust_level": .number(JSONNumber(listing.trustLevel)),
            "ctime": JSON(time: listing.createdAt),
            "utime": JSON(time: listing.updatedAt),
        ]
        members["agreement"] = listing.agreement
        members["asset_name"] = asset?.name.map(JSON.string)
        members["asset_type"] = asset.map { .string($0.type) }
        members["username"] = reader?.isAdmin == true ? .string(listing.ownerName) : nil
        return .object(members)
    }

    /// An account as clients of the market read it.
    package static func body(of user: Account) -> JSON {
        ["id": .string(user.publicID.description), "username": .string(user.username)]
    }

    /// A purchase as clients of the market read it; `payment` is ours, and so are the jobs it has paid for and what is
    /// told of its listing. The asset is told to those who may see it, the state of the listing to those who may read
    /// that, names of accounts to admins.
    package static func body(
        of purchase: Purchase,
        offering asset: OfferedAsset?,
        to reader: Account,
        _ uses: [PurchaseUse]? = nil
    ) -> JSON {
        let seesListing = purchase.listingStatus == .published || purchase.seller == reader.id || reader.isAdmin
        var members: OrderedDictionary<String, JSON> = [
            "id": .string(purchase.id.description),
            "listingid": .string(purchase.listing.description),
            "assetid": .string(purchase.asset.description),
            "userid": .string(purchase.buyerID.description),
            "sellerid": .string(purchase.sellerID.description),
            "status": .string(purchase.status.rawValue),
            "payment": .string(purchase.payment.rawValue),
            "info": purchase.info,
            "ctime": JSON(time: purchase.createdAt),
            "utime": JSON(time: purchase.updatedAt),
        ]
        members["agreement"] = purchase.agreement
        members["listing_status"] = seesListing ? .string(purchase.listingStatus.rawValue) : nil
        members["asset_name"] = asset?.name.map(JSON.string)
        members["asset_type"] = asset.map { .string($0.type) }
        members["username"] = reader.isAdmin ? .string(purchase.buyerName) : nil
        members["seller_name"] = reader.isAdmin ? .string(purchase.sellerName) : nil
        members["uses_left"] = purchase.usesLeft.map { .number(JSONNumber($0)) }
        members["uses"] = uses.map { uses in
            .array(
                uses.map { use in
                    [
                        "jobid": .string(use.job.description), "status": .string(use.state.rawValue),
                        "created": JSON(time: use.at),
                    ]
                }
            )
        }
        return .object(members)
    }
}
