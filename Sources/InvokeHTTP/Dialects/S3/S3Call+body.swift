import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeAssets
import InvokeModel
import InvokeOutbound
import InvokeWire
import NIOCore

extension S3Call {
    /// The whole body as XML.
    func xml(limit: Int = 8 << 20) async throws -> XMLElement {
        var bytes: [UInt8] = []
        let expected = try expectedDigests()
        var digests = expected.algorithms.map(ContentDigest.init)
        let trailers = try await read(limit: limit) { piece in
            bytes += piece
            for index in digests.indices { digests[index].update(piece) }
        }
        let found = digests.reduce(into: [:]) { $0[$1.algorithm] = $1.finish() }
        try expected.check(found, trailers)
        return try XMLElement(parsing: bytes)
    }

    /// Writes the body to the disk as it comes, and checks it.
    /// - Throws: `S3Error` when it is not what it should be; nothing is kept then.
    func content() async throws -> (writer: ObjectWriter, checksums: [String: String]) {
        let limit = Agent.longestObjectBody
        // Found out before a byte of it is taken.
        if let length = headers["content-length"].flatMap(Int.init), length > limit { throw S3Error.entityTooLarge }
        let expected = try expectedDigests()
        var writer = try await agent.beginObject(measuring: expected.algorithms.filter { $0 != .md5 })
        do {
            let trailers = try await read(limit: limit) { try await writer.write($0) }
            try expected.check(writer.digests(), trailers)
            return (
                writer, expected.checksums.merging(trailers.filter { $0.key.hasPrefix(Self.checksumPrefix) }) { $1 }
            )
        } catch {
            writer.discard()
            throw error
        }
    }

    fileprivate static let checksumPrefix = "x-amz-checksum-"

    /// Hands on the content of the body piece by piece.
    /// - Returns: the header fields that have trailed it.
    private func read(limit: Int, _ take: ([UInt8]) async throws -> Void) async throws -> [String: String] {
        var size = 0
        guard case .chunks(let proof, let hasTrailer) = proof else {
            for try await buffer in request.body {
                size += buffer.readableBytes
                guard size <= limit else { throw S3Error.entityTooLarge }
                try await take(Array(buffer.readableBytesView))
            }
            return [:]
        }
        var decoder = StreamedBodyDecoder(proof: proof, hasTrailer: hasTrailer)
        for try await buffer in request.body {
            let piece = try decode(buffer, &decoder)
            size += piece.count
            guard size <= limit else { throw S3Error.entityTooLarge }
            if !piece.isEmpty { try await take(piece) }
        }
        try decoder.finish()
        if let length = headers["x-amz-decoded-content-length"], Int(length) != size { throw S3Error.incompleteBody }
        return decoder.trailers
    }

    private func decode(_ buffer: ByteBuffer, _ decoder: inout StreamedBodyDecoder) throws -> [UInt8] {
        do { return try decoder.decode(buffer.readableBytesView) } catch StreamedBodyDecoder.Fault.mismatch {
            throw S3Error.signatureDoesNotMatch
        }
    }

    /// - Throws: `invalidDigest` for what is no digest.
    private func expectedDigests() throws -> ExpectedDigests {
        var expected = ExpectedDigests()
        if case .hash(let hash) = proof { expected.payload = hash }
        if let text = headers["content-md5"] { try expected.add(.md5, text) }
        for (name, text) in headers where name.hasPrefix(Self.checksumPrefix) {
            guard let algorithm = ContentDigest.Algorithm(rawValue: String(name.dropFirst(Self.checksumPrefix.count)))
            else { continue }
            try expected.add(algorithm, text)
            expected.checksums[name] = text
        }
        for name in (headers["x-amz-trailer"] ?? "").lowercased().split(separator: ",").map(\.trimmingSpaces)
        where name.hasPrefix(Self.checksumPrefix) {
            let algorithm = ContentDigest.Algorithm(rawValue: String(name.dropFirst(Self.checksumPrefix.count)))
            guard let algorithm else { throw S3Error.invalidArgument }
            expected.trailing.append(algorithm)
        }
        return expected
    }
}

/// The digests that a body has to have.
private struct ExpectedDigests {
    /// The SHA-256 that the signature covers.
    var payload: [UInt8]?
    var digests: [ContentDigest.Algorithm: [UInt8]] = [:]
    /// Those that come after the body.
    var trailing: [ContentDigest.Algorithm] = []
    /// The header fields that name checksums.
    var checksums: [String: String] = [:]

    var algorithms: [ContentDigest.Algorithm] {
        Array(Set(Array(digests.keys) + trailing + (payload == nil ? [] : [.sha256])))
    }

    mutating func add(_ algorithm: ContentDigest.Algorithm, _ text: String) throws {
        guard let digest = Data(base64Encoded: text), digest.count == ContentDigest(algorithm).finish().count else {
            throw S3Error.invalidDigest
        }
        digests[algorithm] = Array(digest)
    }

    func check(_ found: [ContentDigest.Algorithm: [UInt8]], _ trailers: [String: String]) throws {
        if let payload, found[.sha256] != payload { throw S3Error.contentSHA256Mismatch }
        var wanted = self
        for algorithm in trailing {
            guard let text = trailers[S3Call.checksumPrefix + algorithm.rawValue] else { throw S3Error.incompleteBody }
            try wanted.add(algorithm, text)
        }
        guard wanted.digests.allSatisfy({ found[$0.key] == $0.value }) else { throw S3Error.badDigest }
    }
}
