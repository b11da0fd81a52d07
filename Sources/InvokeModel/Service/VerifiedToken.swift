package import struct Foundation.Date

/// A purchase token of somebody else that has been found good for one use of an asset.
package struct VerifiedToken: Sendable, Hashable {
    /// What makes it that token, as a SHA-256: the token itself is never stored.
    package let identity: Hex32
    /// Jobs that it pays for; nil for any number.
    package let uses: Int?
    /// From then on it pays for nothing; nil for never.
    package let expires: Date?

    package init(identity: Hex32, uses: Int?, expires: Date?) {
        self.identity = identity
        self.uses = uses
        self.expires = expires
    }
}
