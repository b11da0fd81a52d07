import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeAssets
import InvokeModel
import NIOCore

/// The contents of assets (DEP-7): streamed to the disk while they are hashed, and back from it.
enum StorageRoutes {
    static func add(to routes: Routes) {
        for path in ["/api/v1/assets/{id}", "/api/v1/assets/{id}/{asset}"] {
            routes.post(path, answers: []) { call in
                let caller = try call.account()
                guard call.mediaType == "multipart/form-data",
                    let boundary = Multipart.boundary(of: call.request.headers[.contentType] ?? "")
                else {
                    throw Refusal(
                        .unsupportedMediaType,
                        "POST takes multipart/form-data with a part named `file`; PUT takes the bytes themselves."
                    )
                }
                let file = Multipart.File(named: "file", in: call.request.body, boundary: boundary)
                let asset = try await upload(file, to: call, by: caller)
                return Response(status: .created, headers: [.location: "/api/v1/assets/\(asset.id)"])
            }
            routes.put(path, answers: []) { call in
                _ = try await upload(call.request.body, to: call, by: try call.account())
                return Response(status: .ok)
            }
            routes.delete(path) { call in
                try await call.agent.removeContent(of: call.reference, by: try call.account())
                return Response(status: .noContent)
            }
            routes.get(path, .catalogue, answers: []) { call in
                try await answer(with: try await call.agent.content(of: call.reference, for: call.caller), to: call)
            }
        }
    }

    private static func upload(
        _ body: some AsyncSequence<ByteBuffer, any Error>,
        to call: Call,
        by caller: Account
    ) async throws -> Asset {
        let limit = call.agent.limits.contentBytes
        if let length = call.request.headers[.contentLength].flatMap(Int.init), length > limit { throw tooLarge(limit) }
        var (asset, writer) = try await call.agent.beginUpload(to: call.reference, by: caller)
        do {
            var size = 0
            for try await buffer in body {
                size += buffer.readableBytes
                guard size <= limit else { throw tooLarge(limit) }
                try await writer.write(Array(buffer.readableBytesView))
            }
            try await call.agent.finishUpload(to: asset, writer)
        } catch {
            writer.discard()
            guard let fault = error as? FileFault, fault.isDiskFull else { throw error }
            throw Refusal(.storageFull, "There is no space left for this content. Nothing was stored.")
        }
        return asset
    }

    private static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(.bodyTooLarge, "The content is larger than the \(limit) bytes that this agent takes.")
    }

    /// The content, or the part of it that the caller asks for.
    static func answer(with readable: ReadableContent, to call: Call) async throws -> Response {
        let (tag, size) = ("\"\(readable.content.hash)\"", readable.content.size)
        let range = try call.range(of: size, tag: tag)
        let body = try await body(of: readable, range ?? 0..<size, for: call)
        let name = readable.asset.facts.name.map { $0.filter { $0.isLetter || $0.isNumber || " ._-".contains($0) } }
        let disposition =
            "attachment; filename=\"\(name.flatMap { $0.isASCII ? $0 : nil } ?? readable.asset.id.description)\""
        var response = Response(
            status: range == nil ? .ok : .partialContent,
            headers: [.contentDisposition: disposition, .acceptRanges: "bytes", .eTag: tag],
            body: body
        )
        if let range { response.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)" }
        response.headers[.contentType] =
            readable.asset.facts.contentType.flatMap(MediaTypeText.init)?.text
            ?? "application/octet-stream"
        // Whatever a stranger uploaded must not run as a page of ours.
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    /// What is small goes out in one write with its head: some clients close the connection after what they got with the
    /// head (dep.md §16).
    private static func body(
        of readable: ReadableContent,
        _ range: Range<Int>,
        for call: Call
    ) async throws -> ResponseBody {
        guard range.count > 64 << 10 else {
            let bytes = try await call.agent.contents.bytes(of: readable.content.hash, range)
            return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        }
        return try await FileIO().loadFile(path: readable.path, range: ClosedRange(range), context: call.context)
    }
}

extension Call {
    /// The bytes of a content that the caller wants; nil for all.
    /// - Throws: `rangeNotSatisfiable` when it has none of them.
    fileprivate func range(of size: Int, tag: String) throws -> Range<Int>? {
        guard let header = header(.range) else { return nil }
        if let known = self.header(.ifRange), known != tag { return nil }
        switch ByteRange(header, of: size) {
        case nil: return nil
        case .part(let range): return range
        case .unsatisfiable:
            throw Refusal(.rangeNotSatisfiable, "The content has \(size) bytes; there are none in this range.")
        }
    }
}

/// A media type that is safe in a header.
private struct MediaTypeText {
    let text: String

    init?(_ text: String) {
        guard text.utf8.count <= 255, text.contains("/"), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }
}

extension String {
    fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
