/// All addresses that begin with the same bits.
package struct Network: Sendable, Hashable, CustomStringConvertible {
    private let address: [UInt8]
    private let prefix: Int

    /// Reads `127.0.0.0/8`, `fd00::/8`, or one address. Bits after the prefix are ignored.
    /// - Returns: nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let bits = address.bytes.count * 8
        guard parts.count == 2 else {
            self.init(address.bytes, prefix: bits)
            return
        }
        // A mapped address has become shorter than the prefix was meant for.
        guard address.isIPv6 == first.utf8.contains(0x3A), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let prefix = Int(parts[1]), (0...bits).contains(prefix)
        else { return nil }
        self.init(address.bytes, prefix: prefix)
    }

    /// An IPv4 network.
    init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8, prefix: Int) {
        self.init([first, second, third, fourth], prefix: prefix)
    }

    /// An IPv6 network; the 16-bit groups that are not given are zero.
    init(groups: UInt16..., prefix: Int) {
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        self.init(bytes + [UInt8](repeating: 0, count: 16 - bytes.count), prefix: prefix)
    }

    private init(_ address: [UInt8], prefix: Int) {
        self.prefix = prefix
        self.address = address.enumerated().map { $1 & Self.mask(of: $0, prefix: prefix) }
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.count else { return false }
        return address.indices.allSatisfy { address[$0] == other.bytes[$0] & Self.mask(of: $0, prefix: prefix) }
    }

    package var description: String {
        (IPAddress(bytes: address)?.description ?? "") + "/\(prefix)"
    }

    /// The bits of the byte at `index` that belong to a prefix of this length.
    private static func mask(of index: Int, prefix: Int) -> UInt8 {
        let bits = min(max(prefix - index * 8, 0), 8)
        return bits == 0 ? 0 : ~UInt8(0) << (8 - bits)
    }
}
