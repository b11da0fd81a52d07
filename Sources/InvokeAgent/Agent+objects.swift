import Foundation
package import InvokeAssets
package import InvokeModel
package import InvokeOutbound
package import InvokeStore

extension Agent {
    /// What lets clients into the agent's own object store. The secret is derived from the agent's key.
    package var objectStore: ObjectStoreCredentials {
        ObjectStoreCredentials(
            accessKey: "invoke",
            secretKey: key.derive(.objectStoreSecret, Array("invoke".utf8)).prefix(20).hexadecimal
        )
    }

    /// Bytes that one request may bring.
    package static let longestObjectBody = 5 << 30

    /// A new content of an object, or of a part of one.
    /// - Throws: `storageFull` when the disk is nearly full.
    package func beginObject(measuring digests: [ContentDigest.Algorithm] = []) async throws -> ObjectWriter {
        try checkSpace()
        return ObjectWriter(try await contents.begin(), measuring: digests)
    }

    /// Keeps an object whose content is written.
    /// - Throws: `ObjectFault`.
    package func put(
        _ key: String,
        in bucket: Bucket,
        _ writer: ObjectWriter,
        _ traits: ObjectTraits,
        isFirst: Bool = false,
        by cause: ObjectCause
    ) async throws -> StoredObject {
        let etag = writer.digests()[.md5]?.hexadecimal ?? ""
        return try await holding {
            let object = NewObject(key: key, content: try await writer.finish(), etag: etag, traits: traits)
            return try await store.put(object, in: bucket, isFirst: isFirst, by: cause)
        }
    }

    /// Keeps a part of an object whose content is written.
    /// - Throws: `ObjectFault.noUpload`.
    package func put(part number: Int, of upload: ObjectUpload, _ writer: ObjectWriter) async throws -> UploadPart {
        let md5 = writer.digests()[.md5] ?? []
        return try await holding {
            let part = UploadPart(number: number, content: try await writer.finish(), md5: md5, modifiedAt: store.now)
            try await store.put(part, to: upload)
            return part
        }
    }

    /// Makes an object of parts, in the order given.
    /// - Throws: `ObjectFault.noUpload` when the upload has ended meanwhile.
    package func complete(
        _ upload: ObjectUpload,
        in bucket: Bucket,
        _ parts: [UploadPart],
        by cause: ObjectCause
    ) async throws -> StoredObject {
        var writer = try await beginObject()
        do {
            for part in parts { try await writer.write(contents, part.content) }
            var tag = ContentDigest(.md5)
            for part in parts { tag.update(part.md5) }
            let etag = "\(tag.finish().hexadecimal)-\(parts.count)"
            let whole = writer
            return try await holding {
                let content = try await whole.finish()
                let object = NewObject(key: upload.key, content: content, etag: etag, traits: upload.traits)
                return try await store.complete(upload, as: object, in: bucket, by: cause)
            }
        } catch {
            writer.discard()
            throw error
        }
    }

    /// Holds the contents that are brought inside until the rows that name them are written.
    func holding<Value>(_ body: () async throws -> Value) async throws -> Value {
        let hold = contents.hold()
        defer { hold.end() }
        return try await hold.collect(body)
    }
}

extension ObjectWriter {
    /// Adds a content that is here.
    fileprivate mutating func write(_ contents: FileContentStore, _ content: ContentReference) async throws {
        let step = 1 << 20
        for place in stride(from: 0, to: content.size, by: step) {
            let end = min(place + step, content.size)
            let bytes = try await contents.bytes(of: content.hash, place..<end)
            // Shorter when the upload was given up meanwhile, and its parts are gone.
            guard bytes.count == end - place else { throw ObjectFault.noUpload }
            try await write(bytes)
        }
    }
}
