import NIOCore

/// The socket on which the server takes connections.
package struct ListeningSocket: Sendable {
    package let port: Int
    private let channel: any Channel

    init(_ channel: any Channel, port: Int) {
        self.channel = channel
        self.port = channel.localAddress?.port ?? port
    }

    /// Takes no more connections; those that are open go on.
    package func close() async { try? await channel.close() }
}
