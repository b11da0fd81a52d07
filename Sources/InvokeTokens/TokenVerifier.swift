package import InvokeModel

/// What a purchase token is to pay for.
package struct TokenUse: Sendable, Hashable {
    /// The agent that asks: a token is made out to one.
    package let agent: AgentID
    package let asset: AssetID
    /// The operation that is invoked on the asset, or the asset itself.
    package let operation: AssetID
    package let consumer: AccountID

    package init(agent: AgentID, asset: AssetID, operation: AssetID, consumer: AccountID) {
        self.agent = agent
        self.asset = asset
        self.operation = operation
        self.consumer = consumer
    }
}

/// Why a token is not taken. The words are for its bearer: they hold nothing of the token.
package enum TokenFault: Error, Hashable {
    /// A clear no; completes "the token …".
    case invalid(String)
    /// Nobody can tell now; a sentence. The token may be good.
    case undecided(String)
}

/// Decides about purchase tokens that were not made here (dep.md §14, kinds b and c).
package protocol TokenVerifier: Sendable {
    /// - Throws: `invalid` for a token that does not pay for this, `undecided` when who knows could not be asked.
    func verify(_ token: String, for use: TokenUse) async throws(TokenFault) -> VerifiedToken
}
