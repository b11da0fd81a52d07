/// A URL and the checked addresses behind it, made by `OutboundGuard.resolve` only.
package struct ResolvedURL: Sendable, Hashable {
    package let url: OutboundURL
    private let first: IPAddress
    private let others: [IPAddress]

    init(url: OutboundURL, first: IPAddress, others: [IPAddress]) {
        self.url = url
        self.first = first
        self.others = others
    }

    /// The address to connect to. The attempts take turns, so that one dead address of several doesn't stop them all.
    ///
    /// - Parameter attempt: counts from 0.
    /// - Returns: the first address at attempt 0.
    package func address(forAttempt attempt: Int) -> IPAddress {
        let turn = attempt % (others.count + 1)
        return turn == 0 ? first : others[turn - 1]
    }
}
