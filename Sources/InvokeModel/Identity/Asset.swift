/// Content that is kept: its SHA3-256 and its length in bytes.
package struct ContentReference: Sendable, Hashable {
    package let hash: Hex32
    package let size: Int

    package init(hash: Hex32, size: Int) {
        self.hash = hash
        self.size = size
    }
}

/// Metadata about to be registered: the bytes, and what was read from them for the index.
package struct NewAsset: Sendable {
    /// SHA3-256 of the metadata's bytes.
    package let id: AssetID
    package let metadata: [UInt8]
    package let facts: AssetFacts
    package var content: ContentReference?
    package let isPrivate: Bool

    package init(
        id: AssetID,
        metadata: [UInt8],
        facts: AssetFacts,
        content: ContentReference? = nil,
        isPrivate: Bool = false
    ) {
        self.id = id
        self.metadata = metadata
        self.facts = facts
        self.content = content
        self.isPrivate = isPrivate
    }
}

/// What the agent reads from metadata (DEP-8); all else is kept and not looked at.
package struct AssetFacts: Sendable, Hashable {
    package let name: String?
    /// No type is a `dataset`.
    package let type: String
    package let contentType: String?
    /// The SHA3-256 that the content must have.
    package let contentHash: Hex32?

    package init(name: String?, type: String, contentType: String?, contentHash: Hex32?) {
        self.name = name
        self.type = type
        self.contentType = contentType
        self.contentHash = contentHash
    }
}

/// A registered asset.
package struct Asset: Sendable {
    package let id: AssetID
    package let facts: AssetFacts
    package let content: ContentReference?
    /// nil for assets of the agent itself.
    package let owner: Int64?
    package let isPrivate: Bool

    package init(id: AssetID, facts: AssetFacts, content: ContentReference?, owner: Int64?, isPrivate: Bool) {
        self.id = id
        self.facts = facts
        self.content = content
        self.owner = owner
        self.isPrivate = isPrivate
    }
}
