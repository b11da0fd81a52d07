import AsyncHTTPClient
import Foundation
import InvokeAssets
public import InvokeModel
import NIOHTTP1
import OrderedCollections
import NIOCore
import NIOPosix

/// Data.
extension AgentClient {
    /// Uploads a file as an asset: its metadata with its SHA3-256, then its bytes, which the agent checks against that.
    ///
    /// `metadata` holds members beside `name`, `type`, `size` and `contentHash`; they win over these. The answer is the
    /// asset's id: the same file with the same metadata is the same asset.
    public func upload(
        _ file: String,
        metadata: JSON = [:],
        progress: @escaping AgentTransfer.Progress = { _ in }
    ) async throws -> String {
        var hash = ContentHash()
        var size = 0
        for try await piece in FilePieces(file: file) {
            hash.update(piece.readableBytesView)
            size += piece.readableBytes
        }
        var members: [String: JSON] = [
            "name": .string(URL(fileURLWithPath: file).lastPathComponent), "type": "dataset",
            "size": .string(String(size)), "contentHash": .string(hash.finish().description),
        ]
        for (name, value) in metadata.object ?? [:] { members[name] = value }
        let id = try await register(.object(.init(uniqueKeysWithValues: members.sorted { $0.key < $1.key })))
        let body = FilePieces(file: file, size: size, progress: progress)
        _ = try await exchange(
            "PUT",
            Self.path("api", "v1", "assets", id),
            headers: [("content-type", "application/octet-stream")],
            body: .stream(body, length: .known(Int64(size))),
            timeout: Self.transferTime
        ) { try await $0.body.collect(upTo: 1 << 20) }
        return id
    }

    /// Registers metadata as an asset.
    /// - Returns: The asset's id: the SHA3-256 of the document's bytes.
    public func register(_ metadata: JSON) async throws -> String {
        guard let id = try await json("POST", "/api/v1/meta/data", metadata).string else { throw AgentAnswerFault() }
        return id
    }

    /// The metadata of an asset.
    public func metadata(of asset: String) async throws -> JSON {
        try await json("GET", Self.path("api", "v1", "meta", "data", asset))
    }

    /// The metadata of the assets that the caller may see, newest first, each with its `id`.
    ///
    /// `filter` is what they must have: `type`, `name`.
    public func assets(
        _ filter: [(name: String, value: String)] = [],
        atMost limit: Int = 50
    ) async throws -> [JSON] {
        let query = Self.text(of: filter + [("limit", String(limit))])
        return try await json("GET", "/api/v1/meta/index" + query).object?.map { id, metadata in
            var members = metadata.object ?? [:]
            members["id"] = .string(id)
            return .object(members)
        } ?? []
    }

    /// What an asset was made from (`up`), or what was made from it (`down`), as PROV-JSON.
    public func provenance(of asset: String, direction: String = "up", depth: Int = 10) async throws -> JSON {
        let query = Self.text(of: [("direction", direction), ("depth", String(depth))])
        return try await json("GET", Self.path("api", "v1", "meta", "data", asset, "provenance") + query)
    }

    /// Removes the content of an asset; its metadata and its provenance stay.
    public func removeContent(of asset: String) async throws {
        _ = try await send("DELETE", Self.path("api", "v1", "assets", asset))
    }

    /// Downloads the content of an asset into a file, which is there only once all of it is and is what it should be.
    /// - Throws: `AgentContentFault` when it was damaged on the way.
    public func download(
        _ asset: String,
        to file: String,
        progress: @escaping AgentTransfer.Progress = { _ in }
    ) async throws {
        let partial = file + ".part"
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: partial]) }
        defer { try? FileManager.default.removeItem(atPath: partial) }
        try await download(asset, progress: progress) { piece in
            try await NIOThreadPool.singleton.runIfActive { try handle.write(contentsOf: piece) }
        }
        try handle.synchronize()
        try handle.close()
        if FileManager.default.fileExists(atPath: file) { try FileManager.default.removeItem(atPath: file) }
        try FileManager.default.moveItem(atPath: partial, toPath: file)
    }

    /// Downloads the content of an asset piece by piece.
    /// - Throws: `AgentContentFault` at its end, when it was damaged on the way.
    public func download(
        _ asset: String,
        progress: @escaping AgentTransfer.Progress = { _ in },
        write: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        let path = Self.path("api", "v1", "assets", asset)
        let isWhole = try await exchange("GET", path, timeout: Self.transferTime) { response in
            var transfer = AgentTransfer(size: response.headers.first(name: "content-length").flatMap { Int($0) })
            var hash = ContentHash()
            for try await piece in response.body {
                let bytes = Array(piece.readableBytesView)
                hash.update(bytes)
                try await write(bytes)
                transfer.bytes += bytes.count
                progress(transfer)
            }
            return response.headers.first(name: "etag") == "\"\(hash.finish())\""
        }
        guard isWhole else { throw AgentContentFault(asset: asset) }
    }

    /// A bound for what has no other: the agent gives up transfers that stand still.
    private static let transferTime = Duration.seconds(24 * 3600)
}

/// How far an upload or a download is.
public struct AgentTransfer: Sendable {
    /// Is told of every piece.
    public typealias Progress = @Sendable (AgentTransfer) -> Void

    /// Bytes so far.
    public internal(set) var bytes = 0
    /// Of how many; nil when nobody knows.
    public let size: Int?
}

/// A file in pieces, each read when it is wanted.
private struct FilePieces: AsyncSequence, Sendable {
    let file: String
    var size: Int?
    var progress: AgentTransfer.Progress = { _ in }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: FilePieces
        var transfer: AgentTransfer

        mutating func next() async throws -> ByteBuffer? {
            let range = transfer.bytes..<transfer.bytes + 1 << 20
            let bytes = try await FileContentStore.bytes(ofFileAt: pieces.file, range)
            guard !bytes.isEmpty else { return nil }
            transfer.bytes += bytes.count
            pieces.progress(transfer)
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self, transfer: AgentTransfer(size: size)) }
}
