import AsyncHTTPClient
import Crypto
import Foundation
import InvokeModel
import NIOCore
import NIOHTTP1

/// Gets objects from the stores of others and puts them there: S3 in path style, signed in the header.
///
/// Contents pass through in pieces. Every call is one attempt, through the guard, for as long as the calling task is not
/// cancelled; one that stands still for a minute is given up.
package struct ObjectStoreClient: Sendable {
    private let client: OutboundClient
    private let outbound: OutboundGuard

    package init(_ client: OutboundClient, through outbound: OutboundGuard) {
        self.client = client
        self.outbound = outbound
    }

    /// Where an object is.
    package struct Place: Sendable {
        fileprivate let endpoint: String
        fileprivate let credentials: ObjectStoreCredentials
        fileprivate let bucket: String
        fileprivate let key: String

        /// `endpoint` is a scheme, a host and a port.
        package init(endpoint: String, credentials: ObjectStoreCredentials, bucket: String, key: String) {
            self.endpoint = endpoint
            self.credentials = credentials
            self.bucket = bucket
            self.key = key
        }
    }

    /// What becomes an object.
    package struct Content: Sendable {
        fileprivate let size: Int
        fileprivate let bytes: @Sendable (Range<Int>) async throws -> [UInt8]

        /// `bytes` reads a part of it, of a mebibyte at most; over http the whole is read twice.
        package init(size: Int, bytes: @escaping @Sendable (Range<Int>) async throws -> [UInt8]) {
            self.size = size
            self.bytes = bytes
        }
    }

    /// What a store has said instead of doing what it was asked for.
    package struct Declined: Error {
        package let answer: OutboundAnswer
    }

    /// Gets an object, piece by piece; `attempt` counts from 0.
    /// - Throws: `OutboundFault`, `Declined`, `Refusal` for an endpoint that may not be called, and what `write` throws.
    package func get(
        _ place: Place,
        attempt: Int,
        write: ([UInt8]) async throws -> Void
    ) async throws {
        let (request, destination) = try await request(.GET, place, payload: SignatureV4.sha256(""))
        let result: Result<Void, any Error> = try await client.exchange(
            request,
            with: destination,
            attempt: attempt,
            silence: Self.silence
        ) { response in
            guard response.status == .ok else { return .failure(Declined(answer: await client.answer(response))) }
            do {
                for try await part in response.body {
                    do { try await write(Array(part.readableBytesView)) } catch { return .failure(error) }
                }
                return .success(())
            } catch {
                return .failure(OutboundFault(reason: "The connection broke before the object was whole."))
            }
        }
        try result.get()
    }

    /// Puts an object, in place of one that is there; `attempt` counts from 0.
    /// - Throws: `OutboundFault`, `Declined`, `Refusal` for an endpoint that may not be called, and what reading throws.
    package func put(_ content: Content, at place: Place, attempt: Int) async throws {
        let isSecure = try outbound.check(place.endpoint).scheme == .https
        let payload = isSecure ? SignatureV4.unsigned : try await digest(of: content)
        var (request, destination) = try await request(.PUT, place, payload: payload)
        request.body = .stream(Pieces(content: content), length: .known(Int64(content.size)))
        let answer = try await client.exchange(
            request,
            with: destination,
            attempt: attempt,
            silence: Self.silence
        ) { await client.answer($0) }
        guard (200..<300).contains(answer.status) else { throw Declined(answer: answer) }
    }

    /// How long a store may send or take nothing.
    private static let silence = Duration.seconds(60)

    private func request(
        _ method: HTTPMethod,
        _ place: Place,
        payload: String
    ) async throws -> (HTTPClientRequest, ResolvedURL) {
        let target = RequestTarget(path: "/\(place.bucket)/\(place.key)")
        let url = try outbound.check(place.endpoint).asked(for: target)
        var request = HTTPClientRequest(url: url.description)
        request.method = method
        let host = ["host": url.authority]
        let proof = RequestSigner(place.credentials).headers(
            method: method.rawValue,
            target,
            headers: host,
            payload: payload,
            // The store compares it with its own clock.
            at: Date()
        )
        request.headers.add(contentsOf: host.merging(proof) { $1 }.map { ($0.key, $0.value) })
        return (request, try await outbound.resolve(url))
    }

    private func digest(of content: Content) async throws -> String {
        var hash = SHA256()
        for try await piece in Pieces(content: content) { hash.update(data: Array(piece.readableBytesView)) }
        return hash.finalize().hexadecimal
    }
}

/// A content in pieces, each read when it is wanted.
private struct Pieces: AsyncSequence, Sendable {
    let content: ObjectStoreClient.Content

    struct Iterator: AsyncIteratorProtocol {
        let content: ObjectStoreClient.Content
        var offset = 0

        mutating func next() async throws -> ByteBuffer? {
            guard offset < content.size else { return nil }
            let bytes = try await content.bytes(offset..<Swift.min(offset + 1 << 20, content.size))
            // A file that has become shorter: the length that was told can't be reached any more.
            guard !bytes.isEmpty else { return nil }
            offset += bytes.count
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(content: content) }
}
