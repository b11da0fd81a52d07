import InvokeAssets
import InvokeModel
import Testing

/// The hash that names assets is SHA3-256 of FIPS 202.
@Suite struct ContentHashTests {
    private static let vectors = [
        ("", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
        ("abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        (#"{"name":"x","type":"dataset"}"#, "343d381d71cfbedd989b47acfb8b175a46dd05633bdd2d66040d874862fea198"),
    ]

    @Test(arguments: vectors)
    func aTextHasTheHashOfTheStandard(text: String, hash: String) {
        #expect(ContentHash.of(text.utf8).description == hash)
    }

    @Test(arguments: vectors)
    func piecesHaveTheHashOfTheWhole(text: String, hash: String) {
        var pieces = ContentHash()
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.finish().description == hash)
    }
}
