package import HTTPTypes
package import Hummingbird
package import InvokeExecution
import InvokeModel
package import NIOCore
import NIOPosix

/// What pods and nodes fetch for attempts, and bring back: each by the token that its attempt has. Nobody else knows of
/// them, and they are there only where an engine needs them.
package struct AttemptRoutes: Sendable {
    private let transfers: AttemptTransfers

    package init(_ transfers: AttemptTransfers) { self.transfers = transfers }

    func add(to routes: Routes) {
        routes.get("/attempts/{attempt}/inputs", .open, answers: ["application/x-tar"]) { call in
            try await inputs(of: call.parameter("attempt"), for: call.query("place") ?? "", call.request.headers)
        }
        routes.put("/attempts/{attempt}/outputs", .open, answers: []) { call in
            try await take(call.request.body, of: call.parameter("attempt"), call.request.headers)
        }
        routes.put("/attempts/{attempt}/log/{stream}", .open, answers: ["text/plain"]) { call in
            try await hear(
                call.request.body,
                of: call.parameter("attempt"),
                stream: call.parameter("stream"),
                from: call.query("from") ?? "",
                call.request.headers
            )
        }
    }

    /// The archive of what the attempt's program needs; for the first place that asks.
    package func inputs(of attempt: String, for place: String, _ headers: HTTPFields) async throws -> Response {
        let transfer = try transfer(of: attempt, headers)
        let archive = try await offLoop { try transfer.inputs(for: place) }
        return Response(
            status: .ok,
            headers: [.contentType: "application/x-tar"],
            body: ResponseBody { writer in
                var archive = archive
                while true {
                    let (piece, rest) = try await offLoop { [archive] in
                        var archive = archive
                        return (try archive.next(), archive)
                    }
                    archive = rest
                    guard let piece else { break }
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            }
        )
    }

    /// Takes a piece of what the program says while it runs: bytes of `output` or `errors` from the offset on. The answer
    /// is how many bytes of the stream are here, as a number and a newline.
    package func hear(
        _ body: some AsyncSequence<ByteBuffer, any Error>,
        of attempt: String,
        stream name: String,
        from offset: String,
        _ headers: HTTPFields
    ) async throws -> Response {
        let transfer = try transfer(of: attempt, headers)
        guard let stream = Self.streams[name] else {
            throw Refusal(.unknownResource, "There is no stream '\(name.prefix(40))': it is output or errors.")
        }
        guard let offset = Int(offset), offset >= 0 else {
            throw Refusal(.invalidInput, "from= has to tell how many bytes of the stream come before the body.")
        }
        var piece: [UInt8] = []
        for try await buffer in body {
            piece += buffer.readableBytesView
            guard piece.count <= AttemptTransfer.longestPiece else {
                throw Refusal(.bodyTooLarge, "A piece may have \(AttemptTransfer.longestPiece) bytes.")
            }
        }
        let count = try await offLoop { [piece] in try transfer.hear(piece, of: stream, from: offset) }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "\(count)\n"))
        )
    }

    private static let streams: [String: ProgramStream] = ["output": .output, "errors": .errors]

    /// Takes the archive of what the program has made: all of it, or nothing.
    package func take(
        _ body: some AsyncSequence<ByteBuffer, any Error>,
        of attempt: String,
        _ headers: HTTPFields
    ) async throws -> Response {
        let transfer = try transfer(of: attempt, headers)
        var inbox = try await offLoop { try transfer.inbox() }
        do {
            for try await buffer in body {
                inbox = try await offLoop { [inbox] in
                    var inbox = inbox
                    try inbox.take(Array(buffer.readableBytesView))
                    return inbox
                }
            }
            try await offLoop { [inbox] in try inbox.finish() }
        } catch {
            inbox.discard()
            throw error
        }
        return Response(status: .noContent)
    }

    /// - Throws: `unknownResource` for every attempt whose token the request does not have.
    private func transfer(of attempt: String, _ headers: HTTPFields) throws -> AttemptTransfer {
        let token = headers[.authorization].map { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : "" } ?? ""
        guard let transfer = transfers.transfer(attempt, token: token) else {
            throw Refusal(
                .unknownResource,
                "There is no attempt \(attempt.prefix(40)) whose files could be had with this token."
            )
        }
        return transfer
    }

    /// Disks may be slow, and a loop serves many.
    private func offLoop<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
