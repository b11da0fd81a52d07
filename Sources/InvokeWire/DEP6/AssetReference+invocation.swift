package import InvokeModel
import OrderedCollections

extension AssetReference {
    /// Reads an asset value of an invocation in any spelling that clients of DEP-6 have used:
    /// `{"did": …, "purchasetoken": …}` of the seed, `{"did": …, "auth": {"token": …}}` of v1.
    package init(invocationValue value: JSON, at place: String) throws(Invalid) {
        guard let members = value.object else {
            throw Invalid(place, "must be an object with the DID of an asset, {\"did\": …}, not \(value.kind)")
        }
        var violations: [Violation] = []
        let ids = ["did", "assetid", "asset_id", "id"]
        let tokens = ["purchasetoken", "purchase_token", "purchase-token", "purchaseToken"]
        for name in members.keys where !ids.contains(name) && !tokens.contains(name) && name != "auth" {
            violations.append(Violation(pointer(place, name), "unknown member; an asset has `did` and `purchasetoken`"))
        }
        let given = ids.compactMap { name in members[name].map { (name, $0) } }
        if given.isEmpty { violations.append(Violation(pointer(place, "did"), "the DID of the asset is required")) }
        if given.count > 1 {
            violations.append(Violation(place, "names the asset \(given.count) times; `did` is enough"))
        }
        let did = given.first?.1.string
        if let first = given.first, did == nil || did == "" {
            violations.append(Violation(pointer(place, first.0), "must be the DID of an asset, as text"))
        }
        var token: String?
        for name in tokens {
            guard let value = members[name], value != .null else { continue }
            guard let text = value.string else {
                violations.append(Violation(pointer(place, name), "must be a string, not \(value.kind)"))
                continue
            }
            if let token, token != text {
                violations.append(Violation(pointer(place, name), "differs from the purchase token given beside it"))
            }
            token = text
        }
        let auth = members["auth"].flatMap { $0 == .null ? nil : $0 }
        let access = auth?["token"]
        if auth != nil, auth?.object == nil || (access != nil && access?.string == nil) {
            violations.append(Violation(pointer(place, "auth"), "must be an object with a text `token`"))
        }
        guard violations.isEmpty, let did else { throw Invalid(violations) }
        self.init(did: did, purchaseToken: token, accessToken: access?.string)
    }
}

extension InvocationRequest {
    /// An invocation as the seed and v1 write it. Bytes that are white space only stand for no inputs.
    package init(dep body: [UInt8]) throws(Refusal) {
        let isBlank = body.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let document: JSON
        do { document = isBlank ? [:] : try JSON(parsing: body) } catch { throw Refusal(error) }
        self.init(inputs: document)
    }

    /// Inputs by name, assets as the seed and v1 write them.
    package init(inputs: JSON) {
        self.init(body: inputs) { value, place throws(Invalid) in
            try AssetReference(invocationValue: value, at: place)
        }
    }
}
