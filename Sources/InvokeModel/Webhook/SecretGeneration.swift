package import struct Foundation.Date

/// Whose secret signs a delivery.
package enum SecretHolder: Sendable, Hashable {
    /// An account signs what goes to the URLs of its calls.
    case account(AccountID)
    case webhook(WebhookID)
}

/// Which secrets of a holder are in use.
package struct SecretGeneration: Sendable, Hashable {
    package let holder: SecretHolder
    /// Rises with each rotation.
    package let number: Int
    package let rotatedAt: Date?

    package init(holder: SecretHolder, number: Int, rotatedAt: Date?) {
        self.holder = holder
        self.number = number
        self.rotatedAt = rotatedAt
    }
}
