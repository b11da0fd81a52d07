import AsyncHTTPClient
import InvokeModel
import NIOCore
import NIOHTTP1

extension ContainerEngine {
    /// Fetches an image from its registry.
    /// - Throws: `EngineRefusal` also for what the engine tells only at the end.
    func pull(_ image: String) async throws {
        try await report("/images/create?fromImage=\(Self.encoded(image))")
    }

    /// Takes an archive of a root file system as an image of this name.
    /// - Throws: as `pull` does; `SystemFault` when the archive can't be read.
    func `import`(_ archive: some PieceSource, as reference: String) async throws {
        try await report("/images/create?fromSrc=-&repo=\(Self.encoded(reference))", archive)
    }

    /// Takes an archive of saved images.
    /// - Returns: what they are called, each by a name or its number.
    /// - Throws: as `import` does.
    func load(_ archive: some PieceSource) async throws -> [String] {
        let lines = try await report("/images/load?quiet=true", archive)
        // `Loaded image: a:1,b:1` or `Loaded image ID: sha256:…`, in pieces of any number of lines.
        return lines.compactMap { $0["stream"]?.string }.joined().split(separator: "\n")
            .filter { $0.hasPrefix("Loaded image") }
            .compactMap { line in line.firstRange(of: ": ").map { line[$0.upperBound...] } }
            .flatMap { $0.split(separator: ",").map(String.init) }
    }

    /// Gives an image a further name.
    func tag(_ image: String, _ repository: String, _ tag: String) async throws {
        try await ask("/images/\(Self.encoded(image))/tag?repo=\(Self.encoded(repository))&tag=\(tag)", .POST)
    }

    func hasImage(_ name: String) async throws -> Bool {
        do {
            try await ask("/images/\(Self.encoded(name))/json")
            return true
        } catch let refusal as EngineRefusal where refusal.status == 404 {
            return false
        }
    }

    /// The names of all images of a repository.
    func images(of repository: String) async throws -> [String] {
        let filters: JSON = ["reference": [.string(repository)]]
        let answer = try await ask("/images/json?filters=\(Self.encoded(filters.text))")
        return (answer.array ?? []).flatMap { $0["RepoTags"]?.array?.compactMap(\.string) ?? [] }
            .filter { $0.hasPrefix(repository + ":") }
    }

    /// Takes a name from an image, and removes it when that was its last one.
    /// - Throws: `EngineRefusal` also while a container uses it.
    func removeImage(_ name: String) async throws { try await ask("/images/\(Self.encoded(name))", .DELETE) }

    /// What the engine tells line by line.
    @discardableResult
    private func report(_ path: String, _ archive: (some PieceSource)? = FilePieces?.none) async throws -> [JSON] {
        var told = ByteBuffer()
        let body = archive.map {
            Content(type: "application/x-tar", body: .stream(Pieces(source: $0), length: .unknown))
        }
        try await listen(path, .POST, body: body) { piece in
            var piece = piece
            told.writeBuffer(&piece)
        }
        let lines = told.readableBytesView.split(separator: UInt8(ascii: "\n")).compactMap { try? JSON(parsing: $0) }
        if let message = lines.compactMap({ $0["error"]?.string }).first {
            throw EngineRefusal(status: 500, message: message)
        }
        return lines
    }
}

/// An archive as the body of a request.
private struct Pieces<Source: PieceSource>: AsyncSequence, AsyncIteratorProtocol, Sendable {
    var source: Source

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> ByteBuffer? { try source.next().map { ByteBuffer(bytes: $0) } }
}
