import NIOCore

/// The socket on which the server takes connections.
package struct ListeningSocket: Sendable {
    package let port: Int
    private let channel: any Channel
    private let arrivals: Arrivals

    init(_ channel: any Channel, port: Int, _ arrivals: Arrivals) {
        self.channel = channel
        self.arrivals = arrivals
        self.port = channel.localAddress?.port ?? port
    }

    /// Takes no more connections; those that are open go on.
    package func close() async { await arrivals.close(channel) }
}
