import NIOCore
import Synchronization

/// The connections that were taken from a listener and are not served yet.
///
/// The server library loses them when the listener closes, and the program ends when one is lost (NIO traps on a writer
/// that nobody finished). So the listener first stops taking connections, and closes when every one of them is served.
final class Arrivals: ChannelDuplexHandler, Sendable {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private struct State {
        var connections: Set<ObjectIdentifier> = []
        var isClosing = false
        var settled: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        _ = state.withLock { $0.connections.insert(ObjectIdentifier(connection)) }
        connection.closeFuture.whenComplete { [self] _ in left(connection) }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if !state.withLock(\.isClosing) { context.read() }
    }

    /// The connection is served from now on, or has ended.
    func left(_ connection: any Channel) {
        let settled = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.connections.remove(ObjectIdentifier(connection))
            return state.connections.isEmpty ? state.settled.take() : nil
        }
        settled?.resume()
    }

    /// Closes the listener once all that were taken from it are served; those that are open go on.
    func close(_ listener: any Channel) async {
        state.withLock { $0.isClosing = true }
        // The read that the listener has already asked for is taken back; no other gets past this handler.
        try? await listener.setOption(.autoRead, value: false).get()
        await withCheckedContinuation { settled in
            let isSettled = state.withLock { state in
                if !state.connections.isEmpty { state.settled = settled }
                return state.connections.isEmpty
            }
            if isSettled { settled.resume() }
        }
        try? await listener.close()
    }
}
