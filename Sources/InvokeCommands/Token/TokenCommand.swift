import ArgumentParser

/// `invoke-agent token`: tokens of accounts, and those of purchases made elsewhere.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Tokens of your account; keys and purchase tokens for those who sell elsewhere.",
        subcommands: [
            TokenListCommand.self, TokenCreateCommand.self, TokenRevokeCommand.self, CreateKeyCommand.self,
            IssuePurchaseCommand.self,
        ]
    )
}
