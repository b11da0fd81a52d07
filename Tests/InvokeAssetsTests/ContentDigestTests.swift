import Foundation
import InvokeAssets
import InvokeModel
import Testing

@Suite struct ContentDigestTests {
    /// The check values of the catalogue of CRC algorithms, and digests of the RFCs.
    @Test(
        arguments: [
            (ContentDigest.Algorithm.crc32, "cbf43926"), (.crc32c, "e3069283"), (.crc64nvme, "ae8b14860a799888"),
            (.md5, "25f9e794323b453885f5181f1b624d0b"), (.sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (.sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ]
    )
    func theDigitsOneToNineHaveTheKnownDigest(_ algorithm: ContentDigest.Algorithm, _ digest: String) {
        var whole = ContentDigest(algorithm)
        whole.update(Array("123456789".utf8))
        #expect(whole.finish().hexadecimal == digest)
        var pieces = ContentDigest(algorithm)
        for byte in "123456789".utf8 { pieces.update([byte]) }
        #expect(pieces.finish() == whole.finish())
    }
}
