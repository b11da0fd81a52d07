package import InvokeAssets
package import InvokeModel

/// A content of an object on its way to the disk, measured as the object store's clients want it.
package struct ObjectWriter: Sendable {
    private var writer: FileContentStore.ContentWriter
    private var md5 = ContentDigest(.md5)
    private var others: [ContentDigest]

    init(_ writer: FileContentStore.ContentWriter, measuring digests: [ContentDigest.Algorithm]) {
        self.writer = writer
        others = digests.map(ContentDigest.init)
    }

    /// Bytes so far.
    package var size: Int { writer.size }

    package mutating func write(_ bytes: [UInt8]) async throws {
        md5.update(bytes)
        for index in others.indices { others[index].update(bytes) }
        try await writer.write(bytes)
    }

    /// The digests of what has been written.
    package func digests() -> [ContentDigest.Algorithm: [UInt8]] {
        ([md5] + others).reduce(into: [:]) { $0[$1.algorithm] = $1.finish() }
    }

    /// Syncs the content and names it by its hash.
    package func finish() async throws -> ContentReference { try await writer.finish(expecting: nil) }

    /// Gives up; nothing is kept.
    package func discard() { writer.discard() }
}
