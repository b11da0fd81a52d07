package import InvokeOutbound

/// Somebody whose signed purchase tokens the agent takes.
package struct TokenIssuer: Sendable {
    /// The `iss` of his tokens.
    package let name: String
    package let keys: KeyLocation
    /// Whether his tokens without a `sub` pay for whoever bears them.
    package let allowsBearers: Bool

    package init(name: String, keys: KeyLocation, allowsBearers: Bool) {
        self.name = name
        self.keys = keys
        self.allowsBearers = allowsBearers
    }
}

/// Where the key set of an issuer is.
package enum KeyLocation: Sendable {
    case file(String)
    case url(OutboundURL)
}
