import Crypto

/// A digest that somebody may give with a content, to have it checked.
package struct ContentDigest: Sendable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case crc32, crc32c, crc64nvme, md5, sha1, sha256
    }

    private enum State: Sendable {
        case cyclic(CyclicChecksum)
        case md5(Insecure.MD5)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    package let algorithm: Algorithm
    private var state: State

    package init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        state =
            switch algorithm {
            case .crc32: .cyclic(CyclicChecksum(CyclicChecksum.crc32))
            case .crc32c: .cyclic(CyclicChecksum(CyclicChecksum.crc32c))
            case .crc64nvme: .cyclic(CyclicChecksum(CyclicChecksum.crc64nvme))
            case .md5: .md5(Insecure.MD5())
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    package mutating func update(_ bytes: [UInt8]) {
        switch state {
        case .cyclic(var checksum):
            checksum.update(bytes)
            state = .cyclic(checksum)
        case .md5(var hash):
            hash.update(data: bytes)
            state = .md5(hash)
        case .sha1(var hash):
            hash.update(data: bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            hash.update(data: bytes)
            state = .sha256(hash)
        }
    }

    package func finish() -> [UInt8] {
        switch state {
        case .cyclic(let checksum): checksum.finish()
        case .md5(let hash): Array(hash.finalize())
        case .sha1(let hash): Array(hash.finalize())
        case .sha256(let hash): Array(hash.finalize())
        }
    }
}
