package import Foundation
package import InvokeAssets
package import InvokeModel
package import InvokeStore
import InvokeWire

/// What somebody may read of an asset.
package struct ReadableContent: Sendable {
    package let asset: Asset
    package let content: ContentReference
    /// The file that holds it.
    package let path: String
}

extension Agent {
    /// Registers metadata under the SHA3-256 of its bytes (DEP-15).
    /// - Returns: the id, and whether it is new.
    package func register(metadata: [UInt8], by caller: Account) async throws -> (id: AssetID, isNew: Bool) {
        let facts = try AssetFacts(metadata: metadata)
        let asset = NewAsset(id: ContentHash.of(metadata), metadata: metadata, facts: facts)
        return (asset.id, try await store.register(asset, owner: caller.id))
    }

    /// Registers metadata that the caller has hashed already.
    /// - Throws: `invalidInput` when its SHA3-256 is not the id.
    package func register(
        metadata: [UInt8],
        as id: AssetID,
        by caller: Account
    ) async throws -> (id: AssetID, isNew: Bool) {
        let found = ContentHash.of(metadata)
        guard found == id else {
            throw Refusal(.invalidInput, "The metadata's SHA3-256 is \(found), not \(id). Nothing was stored.")
        }
        return try await register(metadata: metadata, by: caller)
    }

    /// Metadata, byte for byte.
    /// - Throws: `unknownResource` for an asset that is not there or not to be seen.
    package func metadata(of reference: String, for caller: Account?) async throws -> Data {
        let asset = try await visibleAsset(reference, for: caller)
        guard let metadata = try await store.metadata(of: asset.id) else { throw Self.unknownAsset(reference) }
        return metadata
    }

    package func assets(_ filter: AssetFilter, for caller: Account?) async throws -> AssetPage {
        try await store.assets(visibleTo: caller, filter)
    }

    /// Begins an upload: finds out whether it is welcome before a byte of it is taken.
    /// - Throws: `storageFull` when the disk is nearly full, `unknownResource`, `forbidden` for an asset of somebody else,
    ///   `invalidInput` when the operator wants a hash and the metadata names none.
    package func beginUpload(
        to reference: String,
        by caller: Account
    ) async throws -> (asset: Asset, writer: FileContentStore.ContentWriter) {
        try checkSpace()
        let asset = try await visibleAsset(reference, for: caller)
        guard asset.owner == caller.id || caller.isAdmin || asset.facts.contentHash != nil else {
            throw Refusal.forbidden("the owner of the asset: its metadata names no hash that would prove the content")
        }
        guard asset.facts.contentHash != nil || !limits.requiresContentHash else {
            throw Refusal(
                .invalidInput,
                "This agent takes content only for metadata with a contentHash: the SHA3-256 of the content, in "
                    + "hexadecimal. Register metadata that has one."
            )
        }
        try await checkOrchestrator(of: asset, caller)
        return (asset, try await contents.begin())
    }

    /// Ends an upload; the content is on the disk and the asset has it, or nothing has changed. That of an orchestration
    /// makes it an operation.
    /// - Throws: `invalidInput` when the content is not the one that the metadata names, or no orchestration that can be
    ///   run, `conflict` when the asset has other content already.
    package func finishUpload(to asset: Asset, _ writer: FileContentStore.ContentWriter) async throws {
        let orchestration = try await newOrchestration(of: asset, writer)
        let hold = contents.hold()
        defer { hold.end() }
        let content: ContentReference
        do {
            content = try await hold.collect { try await writer.finish(expecting: asset.facts.contentHash) }
        } catch let mismatch as ContentMismatch {
            let expected = asset.facts.contentHash.map { "\($0)" } ?? "nothing"
            throw Refusal(
                .invalidInput,
                "The content's SHA3-256 is \(mismatch.found), but the metadata's contentHash is \(expected). Nothing "
                    + "was stored."
            )
        }
        switch try await store.keep(content, for: asset.id, making: orchestration, owner: asset.owner) {
        case .stored, .alreadyThere: if orchestration != nil { catalogue.forget() }
        case .different:
            throw Refusal(
                .conflict,
                "The asset has other content already, and content never changes. Register new metadata for it."
            )
        }
    }

    /// The content of an asset, for somebody who may have it.
    /// - Throws: `unknownResource` when there is none or the caller may not see it, `notPaid` when it has a price.
    package func content(of reference: String, for caller: Account?) async throws -> ReadableContent {
        let asset = try await visibleAsset(reference, for: caller)
        let check = try await payment(
            toUse: asset.id,
            offers: try await store.offers(of: asset.id),
            owner: asset.owner,
            token: nil,
            for: asset.id,
            by: caller
        )
        if let refusal = check.refusal { throw refusal }
        guard let content = asset.content, let path = contents.path(of: content.hash) else {
            throw Refusal(.unknownResource, "The asset has no content yet; its owner can upload it.")
        }
        return ReadableContent(asset: asset, content: content, path: path)
    }

    /// Takes the content of an asset away; its metadata and its provenance stay. Without content it stays as it is.
    /// - Throws: `unknownResource`, `forbidden` for an asset of somebody else, `conflict` for what is sold or an operation.
    package func removeContent(of reference: String, by caller: Account) async throws {
        let asset = try await visibleAsset(reference, for: caller)
        guard asset.owner == caller.id || caller.isAdmin else { throw Refusal.forbidden("the owner of the asset") }
        try await store.removeContent(of: asset.id)
    }

    private func visibleAsset(_ reference: String, for caller: Account?) async throws -> Asset {
        let id = try assetID(reference)
        guard let asset = try await store.asset(id), try await isVisible(asset, to: caller) else {
            throw Self.unknownAsset(reference)
        }
        return asset
    }

    /// The id of an asset that a caller names by its id, its id with `0x`, or its DID.
    func assetID(_ reference: String) throws -> AssetID {
        if let id = DID.localAsset(reference, on: self.id) { return id }
        guard reference.hasPrefix("did:") || Hex32(reference) != nil else {
            throw Refusal(
                .invalidParameter,
                "\"\(reference.prefix(80))\" is not an asset id: 64 hexadecimal digits, or the DID of an asset here."
            )
        }
        throw Self.unknownAsset(reference)
    }

    /// - Throws: `storageFull` when the disk is nearly full.
    func checkSpace() throws {
        guard store.disk.isLow else { return }
        throw Refusal(.storageFull, "The agent's disk is nearly full. Nothing was stored.")
    }

    func isVisible(_ asset: Asset, to caller: Account?) async throws -> Bool {
        guard asset.isPrivate else { return true }
        return try await !store.visible([asset.id], to: caller).isEmpty
    }

    static func unknownAsset(_ reference: String) -> Refusal {
        Refusal(.unknownResource, "There is no asset \"\(reference.prefix(160))\" here.")
    }
}
