import Crypto
package import InvokeModel

/// SHA3-256 (FIPS 202) of bytes that arrive in pieces: what names assets and content (DEP-5, DEP-7).
package struct ContentHash {
    private var hasher = SHA3_256()

    package init() {}

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let updated: Void? = bytes.withContiguousStorageIfAvailable {
            hasher.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        if updated == nil { hasher.update(data: Array(bytes)) }
    }

    package func finish() -> Hex32 {
        // A SHA3-256 digest is always 32 bytes.
        Hex32(first32: hasher.finalize())
    }

    package static func of(_ bytes: some Sequence<UInt8>) -> Hex32 {
        var hash = ContentHash()
        hash.update(bytes)
        return hash.finish()
    }
}
