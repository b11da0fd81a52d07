/// 32 bytes shown as 64 lower-case hexadecimal digits: asset ids, agent ids, account ids.
package struct Hex32: Sendable, Hashable, CustomStringConvertible {
    /// Always 32 bytes.
    package let bytes: [UInt8]

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The first 32 of at least 32 bytes: a digest, or random bytes drawn for the purpose.
    package init(first32 bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes.prefix(32))
        precondition(self.bytes.count == 32, "an id is made of 32 bytes")
    }

    /// Draws a random one.
    package static func random() -> Hex32 {
        Hex32(first32: (0..<32).map { _ in UInt8.random(in: 0...255) })
    }

    /// Reads 64 hexadecimal digits in any case, with or without `0x` in front (DEP-5).
    package init?(_ text: some StringProtocol) {
        let digits = text.hasPrefix("0x") ? Substring(text).dropFirst(2) : Substring(text)
        guard digits.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for byte in digits.utf8 {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        self.bytes = bytes
    }

    package var description: String { bytes.hexadecimal }

    /// All bytes at once: an id is looked up on every request.
    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Sequence<UInt8> {
    /// The bytes as lower-case hexadecimal digits.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

package typealias AssetID = Hex32
package typealias AgentID = Hex32
package typealias AccountID = Hex32

/// The parts of a decentralised identifier that name an agent, or an asset on it (DEP-5).
package struct DID: Sendable, Hashable, CustomStringConvertible {
    package let agent: AgentID
    package let asset: AssetID?

    package init(agent: AgentID, asset: AssetID? = nil) {
        self.agent = agent
        self.asset = asset
    }

    /// Reads `did:<method>:<64>`, `did:<method>:<64>/<64>`, both with `0x` before an id, an optional `#fragment`.
    package init?(_ text: some StringProtocol) {
        let bare = text.prefix { $0 != "#" }
        let parts = bare.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "did", !parts[1].isEmpty,
            parts[1].utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
        else { return nil }
        let ids = parts[2].split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(ids.count), let agent = AgentID(ids[0]) else { return nil }
        if ids.count == 2 {
            guard let asset = AssetID(ids[1]) else { return nil }
            self.init(agent: agent, asset: asset)
        } else {
            self.init(agent: agent)
        }
    }

    package var description: String {
        if let asset { "did:dep:\(agent)/\(asset)" } else { "did:dep:\(agent)" }
    }
}

extension DID {
    /// Every way a caller may write an asset of this agent: its id, `0x` and its id, or its full DID.
    /// - Returns: nil for anything else, and for an asset of another agent.
    package static func localAsset(_ text: some StringProtocol, on agent: AgentID) -> AssetID? {
        if let id = AssetID(text) { return id }
        guard let did = DID(text) else { return nil }
        guard let asset = did.asset else { return did.agent }
        return did.agent == agent ? asset : nil
    }
}
