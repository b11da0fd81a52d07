/// Names a registered webhook: `wh_` and 128 random bits as 32 lower-case hexadecimal digits.
package struct WebhookID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Returns: nil for anything else.
    package init?(_ text: String) {
        let digits = text.utf8.dropFirst(3)
        guard text.hasPrefix("wh_"), digits.count == 32,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        description = text
    }

    private init(drawn bytes: [UInt8]) { description = "wh_" + bytes.hexadecimal }

    /// Draws a new one.
    package static func random() -> WebhookID {
        WebhookID(drawn: (0..<16).map { _ in UInt8.random(in: 0...255) })
    }
}
