import Glibc

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address is held as the IPv4 address that it reaches.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 4 or 16 bytes.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16: self.bytes = bytes.starts(with: Self.mappedPrefix) ? Array(bytes.suffix(4)) : bytes
        default: return nil
        }
    }

    /// Reads the usual spelling only: four decimal numbers without leading zeros, or RFC 4291 text without a zone.
    package init?(_ text: some StringProtocol) {
        if let bytes = Self.dottedBytes(text) {
            self.init(bytes: bytes)
            return
        }
        // A zero byte would end the text early for the C function.
        guard text.utf8.contains(0x3A), !text.utf8.contains(0) else { return nil }
        var address = in6_addr()
        guard inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
        self.init(bytes: withUnsafeBytes(of: &address) { Array($0) })
    }

    /// Whether it is one of this machine's own.
    package var isLoopback: Bool { isIPv6 ? bytes == Self.loopback : bytes[0] == 127 }

    private static let loopback = [UInt8](repeating: 0, count: 15) + [1]

    package var isIPv6: Bool { bytes.count == 16 }

    /// The canonical spelling (RFC 5952 for IPv6), without brackets.
    package var description: String {
        guard isIPv6 else { return bytes.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    private static func dottedBytes(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), part.utf8.first != 0x30 || part == "0" else {
                return nil
            }
            return UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }
}

extension IPAddress {
    /// Whether the address belongs to one host of the public internet, and so does every IPv4 address that it carries
    /// inside (NAT64, 6to4, Teredo). Source: the IANA special-purpose address registries.
    package var isGlobalUnicast: Bool {
        guard isIPv6 else { return !Self.specialIPv4.contains { $0.contains(self) } }
        let carried = carriedIPv4
        guard carried.isEmpty else { return carried.allSatisfy(\.isGlobalUnicast) }
        return Self.globalIPv6.contains(self) && !Self.specialIPv6.contains { $0.contains(self) }
    }

    /// The IPv4 addresses that a packet to this IPv6 address can end up at.
    private var carriedIPv4: [IPAddress] {
        let parts: [[UInt8]] =
            if Self.nat64.contains(self) {
                [Array(bytes[12..<16])]
            } else if Self.sixToFour.contains(self) {
                [Array(bytes[2..<6])]
            } else if Self.teredo.contains(self) {
                // The server, and the client with its bits turned over (RFC 4380, 4).
                [Array(bytes[4..<8]), bytes[12..<16].map { ~$0 }]
            } else {
                []
            }
        return parts.compactMap(IPAddress.init(bytes:))
    }

    private static let specialIPv4: [Network] = [
        Network(0, 0, 0, 0, prefix: 8),  // this network
        Network(10, 0, 0, 0, prefix: 8),  // private
        Network(100, 64, 0, 0, prefix: 10),  // shared by carriers
        Network(127, 0, 0, 0, prefix: 8),  // loopback
        Network(169, 254, 0, 0, prefix: 16),  // link-local, cloud metadata
        Network(172, 16, 0, 0, prefix: 12),  // private
        Network(192, 0, 0, 0, prefix: 24),  // protocol assignments
        Network(192, 0, 2, 0, prefix: 24),  // documentation
        Network(192, 88, 99, 0, prefix: 24),  // 6to4 relays, deprecated
        Network(192, 168, 0, 0, prefix: 16),  // private
        Network(198, 18, 0, 0, prefix: 15),  // benchmarking
        Network(198, 51, 100, 0, prefix: 24),  // documentation
        Network(203, 0, 113, 0, prefix: 24),  // documentation
        Network(224, 0, 0, 0, prefix: 4),  // multicast
        Network(240, 0, 0, 0, prefix: 4),  // reserved, broadcast
    ]

    /// The only part of IPv6 that is given out as global unicast.
    private static let globalIPv6 = Network(groups: 0x2000, prefix: 3)

    private static let specialIPv6: [Network] = [
        Network(groups: 0x2001, prefix: 23),  // protocol assignments, benchmarking, ORCHID
        Network(groups: 0x2001, 0x0DB8, prefix: 32),  // documentation
        Network(groups: 0x3FFF, prefix: 20),  // documentation
    ]

    private static let nat64 = Network(groups: 0x64, 0xFF9B, prefix: 96)
    private static let sixToFour = Network(groups: 0x2002, prefix: 16)
    private static let teredo = Network(groups: 0x2001, 0, prefix: 32)
}
