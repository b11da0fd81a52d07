package import InvokeModel
import OrderedCollections

extension DryRun {
    /// The answer to a dry run, the same in every dialect.
    ///
    /// `operation` is the DID of the operation and `did` that of any asset here; `status` is what the dialect answers a
    /// refusal with, and `request` the id of the request, a UUID.
    package func body(
        did: (AssetID) -> DID,
        request: String,
        status: (Refusal) -> Int
    ) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "dryrun": .bool(true),
            "operation": .string(did(operation).description),
            "name": .string(name),
            "mode": .string(mode.rawValue),
            "accepted": .bool(refusals.isEmpty),
            "refusals": .array(refusals.map { $0.body(status: status($0), request: request) }),
            "inputs": .object(inputs.mapValues { $0.body(did: did) }),
        ]
        members["jobs"] = jobs.map { .number(JSONNumber($0)) }
        members["replay"] = replay.map { .string($0.description) }
        guard let job else { return .object(members) }
        members["price"] =
            job.cost.map { cost in
                var price = cost.members
                price["paid"] = .bool(cost.isPaid)
                return .object(price)
            } ?? .null
        var queue: OrderedDictionary<String, JSON> = [
            "position": .number(JSONNumber((job.waiting.ahead ?? 0) + 1)),
            "capacity": .number(JSONNumber(job.capacity)),
        ]
        queue.merge(job.waiting.members) { first, _ in first }
        members["queue"] = .object(queue)
        members["deadline"] = JSON(time: job.deadline)
        return .object(members)
    }
}

extension DryRun.Input {
    /// Characters of a value that are told; of a longer one the rest is left out.
    private static let longest = 256

    fileprivate func body(did: (AssetID) -> DID) -> JSON {
        switch self {
        case .string(let text, let isDefault): return Self.body("string", .string(text), text, isDefault)
        case .json(let value, let isDefault): return Self.body("json", value, value.text, isDefault)
        case .reference(let did): return ["type": "asset", "did": .string(did)]
        case .asset(let asset, let cost):
            var members: OrderedDictionary<String, JSON> = [
                "type": "asset", "did": .string(did(asset.id).description),
            ]
            members["name"] = asset.facts.name.map(JSON.string)
            members["content_type"] = asset.facts.contentType.map(JSON.string)
            members["size"] = asset.content.map { .number(JSONNumber($0.size)) }
            members["price"] = cost.map { .object($0.members) }
            members["paid"] = cost.map { .bool($0.isPaid) }
            return .object(members)
        }
    }

    /// A value, or the beginning of its text and the bytes that the text has.
    private static func body(_ type: JSON, _ value: JSON, _ text: String, _ isDefault: Bool) -> JSON {
        let start = text.unicodeScalars.prefix(longest)
        let isWhole = start.endIndex == text.endIndex
        var members: OrderedDictionary<String, JSON> = [
            "type": type, "value": isWhole ? value : .string(String(start)),
        ]
        if !isWhole { members["size"] = .number(JSONNumber(text.utf8.count)) }
        if isDefault { members["default"] = .bool(true) }
        return .object(members)
    }
}

extension DryRun.Cost {
    fileprivate var members: OrderedDictionary<String, JSON> {
        [
            "amount": .string(price.amount), "currency": .string(price.currency),
            "listing": .string(listing.description),
        ]
    }
}
