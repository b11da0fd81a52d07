import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeAssets
import InvokeModel
import InvokeStore
import InvokeWire
import NIOCore
import OrderedCollections

extension S3Call {
    func answerForObject() async throws -> Response {
        switch request.method {
        case .get, .head: return try await read()
        case .put:
            guard let source = headers["x-amz-copy-source"] else { return try await put() }
            return try await copy(from: source)
        case .delete:
            try await agent.store.remove([key], from: try await bucket(), by: cause)
            return Response(status: .noContent)
        default: throw S3Error.methodNotAllowed
        }
    }

    private func put() async throws -> Response {
        let bucket = try await bucket()
        let isFirst = headers["if-none-match"] == "*"
        guard headers["if-match"] == nil, isFirst || headers["if-none-match"] == nil else {
            throw S3Error.notImplemented
        }
        let (writer, checksums) = try await content()
        do {
            let object = try await agent.put(key, in: bucket, writer, traits, isFirst: isFirst, by: cause)
            var response = Response(status: .ok, headers: [.eTag: "\"\(object.etag)\""])
            response.add(checksums)
            return response
        } catch {
            writer.discard()
            throw error
        }
    }

    private func copy(from source: String) async throws -> Response {
        guard let decoded = PercentEncoding.decode(source.prefix { $0 != "?" }.utf8) else {
            throw S3Error.invalidArgument
        }
        let parts = decoded.drop { $0 == "/" }.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { throw S3Error.invalidArgument }
        let replaces = headers["x-amz-metadata-directive"]?.uppercased() == "REPLACE"
        let from = try await bucket(named: String(parts[0]))
        let target = (bucket: try await bucket(), key: key)
        let copied = try await agent.store.copy(
            String(parts[1]),
            in: from,
            to: target,
            replaces ? traits : nil,
            by: cause
        )
        guard let copied else { throw S3Error.noSuchKey }
        let body = [
            XMLElement("LastModified", copied.modifiedAt.millisecondText), XMLElement("ETag", "\"\(copied.etag)\""),
        ]
        return Response(xml: XMLElement("CopyObjectResult", body))
    }

    private func read() async throws -> Response {
        guard let object = try await agent.store.object(key, in: try await bucket()) else { throw S3Error.noSuchKey }
        try checkConditions(object)
        let size = object.content.size
        var wanted: Range<Int>?
        switch headers["range"].flatMap({ ByteRange($0, of: size) }) {
        case .part(let range): wanted = range
        case .unsatisfiable: throw S3Error.invalidRange
        case nil: break
        }
        var response = Response(status: wanted == nil ? .ok : .partialContent)
        response.headers[.contentType] = object.traits.contentType
        response.add(Dictionary(uniqueKeysWithValues: object.traits.headers.map { ($0.key, $0.value) }))
        response.headers[.eTag] = "\"\(object.etag)\""
        response.headers[.lastModified] = object.modifiedAt.httpText
        response.headers[.acceptRanges] = "bytes"
        // Whatever somebody uploaded must not run as a page of ours.
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "sandbox"
        if let wanted {
            response.headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(size)"
        }
        let range = wanted ?? 0..<size
        guard request.method == .get else {
            response.headers[.contentLength] = String(range.count)
            return response.createHeadResponse()
        }
        response.body = try await body(of: object, range)
        return response
    }

    /// What is small goes out in one write with its head.
    private func body(of object: StoredObject, _ range: Range<Int>) async throws -> ResponseBody {
        // The object may have gone meanwhile, and its content with it.
        guard let path = agent.contents.path(of: object.content.hash) else { throw S3Error.noSuchKey }
        guard range.count > 64 << 10 else {
            let bytes = try await agent.contents.bytes(of: object.content.hash, range)
            return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        }
        return try await FileIO().loadFile(path: path, range: ClosedRange(range), context: context)
    }

    private func checkConditions(_ object: StoredObject) throws {
        func isNamed(in list: String) -> Bool {
            list.split(separator: ",").map { $0.trimmingSpaces.replacing("\"", with: "") }
                .contains { $0 == "*" || $0 == object.etag }
        }
        if let list = headers["if-match"], !isNamed(in: list) { throw S3Error.preconditionFailed }
        if let list = headers["if-none-match"], isNamed(in: list) { throw S3Error.notModified }
    }

    /// What the writer of an object says of it.
    var traits: ObjectTraits {
        var kept: OrderedDictionary<String, String> = [:]
        for name in headers.keys.sorted() where name.hasPrefix("x-amz-meta-") || Self.keptHeaders.contains(name) {
            kept[name] = headers[name]
        }
        if let coding = kept["content-encoding"] {
            // That of S3's chunks, which are gone.
            let rest = coding.split(separator: ",").map(\.trimmingSpaces).filter { $0 != "aws-chunked" }
            kept["content-encoding"] = rest.isEmpty ? nil : rest.joined(separator: ", ")
        }
        return ObjectTraits(contentType: headers["content-type"], headers: kept)
    }

    private static let keptHeaders: Set = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "expires",
    ]
}

extension Response {
    /// Adds header fields that somebody has given.
    mutating func add(_ fields: [String: String]) {
        for (name, value) in fields { HTTPField.Name(name).map { headers[$0] = value } }
    }
}
