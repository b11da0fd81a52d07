import Crypto
import Foundation
import InvokeModel
import InvokeOutbound
import Testing

/// Signatures, against the example values of AWS's documentation ("Examples: Signature Calculations in AWS Signature
/// Version 4" of the S3 API reference).
@Suite struct SignatureV4Tests {
    private let credentials = ObjectStoreCredentials(
        accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    private let time = Date(timeIntervalSince1970: 1_369_353_600)
    private let host = "examplebucket.s3.amazonaws.com"
    private let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    private func headers(
        _ method: String,
        _ target: String,
        _ headers: [String: String] = [:],
        payload: String
    ) throws -> [String: String] {
        RequestSigner(credentials).headers(
            method: method,
            try #require(RequestTarget(target)),
            headers: headers.merging(["host": host]) { $1 },
            payload: payload,
            at: time
        )
    }

    @Test func theDocumentedGetHasItsSignature() throws {
        let signed = try headers("GET", "/test.txt", ["range": "bytes=0-9"], payload: empty)
        #expect(
            signed["authorization"]
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
        #expect(signed["x-amz-date"] == "20130524T000000Z")
    }

    @Test(
        arguments: [
            ("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            ("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ]
    )
    func theDocumentedQueriesHaveTheirSignatures(_ target: String, _ signature: String) throws {
        let signed = try headers("GET", target, payload: empty)
        #expect(signed["authorization"]?.hasSuffix("Signature=\(signature)") == true)
    }

    @Test func theDocumentedPutHasItsSignature() throws {
        let signed = try headers(
            "PUT",
            "/test$file.text",
            ["date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
            payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        )
        #expect(
            signed["authorization"]?
                .hasSuffix("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd") == true
        )
    }

    private func presigned() throws -> RequestTarget {
        RequestSigner(credentials).presigned(
            method: "GET",
            try #require(RequestTarget("/test.txt")),
            headers: ["host": host],
            lifetime: 86_400,
            at: time
        )
    }

    @Test func theDocumentedPresignedRequestHasItsSignature() throws {
        #expect(
            try presigned()["X-Amz-Signature"] == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        )
    }

    private func check(
        _ target: RequestTarget,
        headers: [String: String],
        secret: String? = nil,
        after seconds: TimeInterval = 0
    ) throws {
        let received = try ReceivedSignature(
            authorization: headers["authorization"],
            date: headers["x-amz-date"],
            target: target
        )
        _ = try received.check(
            method: "GET",
            target,
            headers: headers.merging(["host": host]) { $1 },
            payload: headers["x-amz-content-sha256"] ?? SignatureV4.unsigned,
            secret: secret ?? credentials.secretKey,
            at: time + seconds
        )
    }

    @Test func whatIsSignedIsAcceptedInItsTimeAndNothingElseIs() throws {
        let target = try #require(RequestTarget("/a%20b/c+d//%C3%BC?prefix=x%2Fy&list-type=2"))
        let signed = try headers("GET", target.text, payload: empty)
        try check(target, headers: signed)
        try check(target, headers: signed, after: 890)
        try check(target, headers: signed, after: -890)
        for late in [910.0, -910.0] {
            #expect(throws: SignatureFault.skewed) { try check(target, headers: signed, after: late) }
        }
        #expect(throws: SignatureFault.mismatch) { try check(target, headers: signed, secret: "another") }
        var other = target
        other.query[0] = .init("prefix", "x/z")
        #expect(throws: SignatureFault.mismatch) { try check(other, headers: signed) }
        other = target
        other.path = "/a b/c+d/ü"
        #expect(throws: SignatureFault.mismatch) { try check(other, headers: signed) }
        let changed = signed.merging(["x-amz-content-sha256": SignatureV4.unsigned]) { $1 }
        #expect(throws: SignatureFault.mismatch) { try check(target, headers: changed) }
    }

    @Test func aHeaderThatNobodySignedIsNotActedOn() throws {
        let target = try #require(RequestTarget("/bucket/key"))
        let signed = try headers("GET", target.text, payload: empty)
        let added = signed.merging(["x-amz-copy-source": "/bucket/secret"]) { $1 }
        #expect(throws: SignatureFault.unsignedHeaders) { try check(target, headers: added) }
    }

    @Test func aPresignedRequestExpires() throws {
        let target = try presigned()
        try check(target, headers: [:], after: 86_400)
        #expect(throws: SignatureFault.expired) { try check(target, headers: [:], after: 86_401) }
        #expect(throws: SignatureFault.skewed) { try check(target, headers: [:], after: -901) }
        var longer = target
        longer.query = target.query.map { $0.name == "X-Amz-Expires" ? .init($0.name, "604800") : $0 }
        #expect(throws: SignatureFault.mismatch) { try check(longer, headers: [:]) }
    }

    // MARK: Bodies in chunks ("Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks")

    private let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    private static let chunks = [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ]

    private func decoder() throws -> StreamedBodyDecoder {
        let signer = SignatureV4(secret: credentials.secretKey, timestamp: "20130524T000000Z", region: "us-east-1")
        let seed = try #require(Hex32(seed)).bytes
        return StreamedBodyDecoder(proof: .signed(signer, seed: seed), hasTrailer: false)
    }

    private var body: [UInt8] {
        Self.chunks.flatMap { size, signature in
            Array("\(String(size, radix: 16));chunk-signature=\(signature)\r\n".utf8)
                + Array(repeating: UInt8(ascii: "a"), count: size) + Array("\r\n".utf8)
        }
    }

    @Test(arguments: [1, 7, 1000, 70_000])
    func theDocumentedChunksAreProvenHoweverTheyArrive(_ piece: Int) throws {
        var decoder = try decoder()
        var content: [UInt8] = []
        let body = body
        for start in stride(from: 0, to: body.count, by: piece) {
            content += try decoder.decode(body[start..<min(start + piece, body.count)])
        }
        try decoder.finish()
        #expect(content == Array(repeating: UInt8(ascii: "a"), count: 66_560))
    }

    @Test func aChangedByteOrAMissingEndIsNoticed() throws {
        for place in [100, 65_700] {
            var (decoder, changed) = (try decoder(), body)
            changed[place] = UInt8(ascii: "b")
            #expect(throws: StreamedBodyDecoder.Fault.mismatch) { try decoder.decode(changed) }
        }
        var decoder = try decoder()
        _ = try decoder.decode(body.dropLast(2))
        #expect(throws: StreamedBodyDecoder.Fault.malformed) { try decoder.finish() }
    }

    @Test func whatTrailsIsReadAndProven() throws {
        let signer = SignatureV4(secret: credentials.secretKey, timestamp: "20130524T000000Z", region: "us-east-1")
        let seed = try #require(Hex32(seed)).bytes
        let last = signer.signature(of: .chunk, sha256: empty, after: seed)
        let digest = SHA256.hash(data: Data("x-amz-checksum-crc32c:AAAAAA==\n".utf8)).map(\.self).hexadecimal
        let proof = signer.signature(of: .trailer, sha256: digest, after: last).hexadecimal
        for (signature, isProven) in [(proof, true), (String(repeating: "0", count: 64), false)] {
            var decoder = StreamedBodyDecoder(proof: .signed(signer, seed: seed), hasTrailer: true)
            let text =
                "0;chunk-signature=\(last.hexadecimal)\r\nx-amz-checksum-crc32c:AAAAAA==\r\n"
                + "x-amz-trailer-signature:\(signature)\r\n\r\n"
            guard isProven else {
                #expect(throws: StreamedBodyDecoder.Fault.mismatch) { try decoder.decode(Array(text.utf8)) }
                continue
            }
            #expect(try decoder.decode(Array(text.utf8)).isEmpty)
            try decoder.finish()
            #expect(decoder.trailers["x-amz-checksum-crc32c"] == "AAAAAA==")
        }
    }
}
