import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A server on loopback that answers by script and remembers what it was sent.
package final class Receiver: Sendable {
    package struct Request: Sendable {
        /// Method, target and version.
        package let line: String
        /// Names in lower case.
        package let headers: [String: String]
        package let body: [UInt8]
        package let arrivedAt = ContinuousClock.now

        package init(line: String, headers: [String: String], body: [UInt8]) {
            self.line = line
            self.headers = headers
            self.body = body
        }
    }

    package enum Reply: Sendable {
        case answer(Int, headers: [String: String] = [:], body: String = "")
        /// 200, once somebody has ended the stream.
        case held(AsyncStream<Never>)
        /// No answer until the sender goes away.
        case hang
        case reset
        /// 200 and a body without end.
        case endless
    }

    private struct State {
        var script: [Reply]
        package var requests: [Request] = []
        var open = 0
        var mostOpen = 0
    }

    package let port: Int
    private let state: Mutex<State>
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    private init(port: Int, script: [Reply]) {
        self.port = port
        state = Mutex(State(script: script))
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    package var requests: [Request] { state.withLock(\.requests) }

    /// The most requests that waited for their answers at one time.
    package var mostAtOnce: Int { state.withLock(\.mostOpen) }

    package var url: String { "http://127.0.0.1:\(port)/hook" }

    /// Waits until this many requests have come.
    package func received(_ count: Int) async {
        for await _ in arrivals where requests.count >= count { return }
    }

    /// Runs a receiver for as long as the body runs. It gives the replies in their order, the last one again and again.
    package static func answering(_ script: Reply..., body: (Receiver) async throws -> Void) async throws {
        try await answering(script: script, body: body)
    }

    /// The same for a script of any length.
    package static func answering(script: [Reply], body: (Receiver) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let receiver = Receiver(port: server.channel.localAddress?.port ?? 0, script: script)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { clients in
                    try await withThrowingDiscardingTaskGroup { connections in
                        for try await client in clients {
                            connections.addTask { try? await receiver.serve(client) }
                        }
                    }
                }
            }
            do { try await body(receiver) } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            var bytes: [UInt8] = []
            var request: Request?
            while request == nil, let part = try await parts.next() {
                bytes += part.readableBytesView
                request = Request(bytes)
            }
            guard let request else { return }
            let reply = state.withLock { state in
                state.requests.append(request)
                state.open += 1
                state.mostOpen = max(state.mostOpen, state.open)
                return state.script.count > 1 ? state.script.removeFirst() : state.script[0]
            }
            arrival.yield()
            defer { state.withLock { $0.open -= 1 } }
            switch reply {
            case .answer(let status, let headers, let body):
                try await outbound.write(Self.head(status, headers, length: body.utf8.count) + body)
            case .held(let gate):
                for await _ in gate {}
                try await outbound.write(Self.head(200, [:], length: 0))
            case .hang:
                while try await parts.next() != nil {}
            case .reset:
                // A linger time of zero makes the close a reset.
                let socket = connection.channel as? any SocketOptionProvider
                try await socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            case .endless:
                try await outbound.write(Self.head(200, [:], length: 1 << 40))
                while true { try await outbound.write(String(repeating: "x", count: 1 << 14)) }
            }
        }
    }

    private static func head(_ status: Int, _ headers: [String: String], length: Int) -> String {
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        return "HTTP/1.1 \(status) Scripted\r\nContent-Length: \(length)\r\n\(lines)\r\n"
    }
}

extension Receiver.Request {
    /// - Returns: nil while the request is not complete. The greeting of a TLS client is taken whole, as the body.
    fileprivate init?(_ bytes: [UInt8]) {
        if bytes.first == 0x16 {
            self.init(line: "TLS", headers: [:], body: bytes)
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let line = lines.removeFirst()
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let body = Array(bytes.dropFirst(text[..<end.upperBound].utf8.count))
        guard body.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        self.init(line: line, headers: headers, body: body)
    }
}

extension NIOAsyncChannelOutboundWriter<ByteBuffer> {
    fileprivate func write(_ text: String) async throws {
        try await write(ByteBuffer(string: text))
    }
}
