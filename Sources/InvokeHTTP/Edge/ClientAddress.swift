import InvokeModel
import InvokeOutbound
import NIOCore

/// Who is at the other end of a connection, as far as counting goes: an IPv4 address, or the 64 bits of an IPv6 address
/// that name one subscriber's network (RFC 6177).
struct ClientAddress: Hashable, Sendable {
    private let network: [UInt8]

    var name: String { network.hexadecimal }

    /// - Returns: nil for this machine's own addresses, and for what is no internet address.
    init?(_ address: SocketAddress?) {
        guard let address = address?.ipAddress.flatMap({ IPAddress($0) }), !address.isLoopback else { return nil }
        network = Array(address.bytes.prefix(8))
    }
}

extension AgentContext {
    /// Where the request comes from, as far as counting goes; this machine's own addresses are one place.
    var place: String { ClientAddress(channel.remoteAddress)?.name ?? "here" }
}
