package import InvokeModel
import OrderedCollections

extension AssetFacts {
    /// Reads what the agent needs from metadata (DEP-8, DEP-15); all other members are left alone.
    /// - Throws: `malformedJSON`, `tooComplex`, or `invalidInput` for metadata that is no object or contradicts itself.
    package init(metadata: [UInt8]) throws(Refusal) {
        let document: JSON
        do {
            document = try JSON(parsing: metadata, limits: JSONLimits(nodes: 100_000))
        } catch {
            throw Refusal(error)
        }
        guard let members = document.object else {
            throw Refusal(.invalidInput, [Violation("#", "metadata must be an object, not \(document.kind)")])
        }
        var violations: [Violation] = []
        if let provenance = members["provenance"], provenance.object == nil {
            violations.append(Violation("#/provenance", "must be an object, not \(provenance.kind)"))
        }
        let hash = members["contentHash"].flatMap { $0 == .null || $0 == "" ? nil : $0 }
        let contentHash = hash?.string.flatMap { Hex32($0) }
        if hash != nil, contentHash == nil {
            violations.append(Violation("#/contentHash", "must be the SHA3-256 of the content: 64 hexadecimal digits"))
        }
        guard violations.isEmpty else { throw Refusal(.invalidInput, violations) }
        self.init(
            name: members["name"]?.string,
            type: members["type"]?.string ?? "dataset",
            contentType: members["contentType"]?.string,
            contentHash: contentHash
        )
    }
}
