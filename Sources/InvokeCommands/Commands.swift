package import ArgumentParser

/// All that the program does beside running an agent: a noun and a verb, or `run`.
package enum Commands {
    /// The commands as its help shows them.
    package static let groups = [
        CommandGroup(
            name: "Consumer",
            subcommands: [
                RunCommand.self, OperationCommand.self, JobCommand.self, AssetCommand.self, PurchaseCommand.self,
                WebhookCommand.self,
            ]
        ),
        CommandGroup(name: "Provider", subcommands: [ServiceCommand.self, ListingCommand.self]),
        CommandGroup(
            name: "Access",
            subcommands: [
                LoginCommand.self, LogoutCommand.self, ProfileCommand.self, AccountCommand.self, TokenCommand.self,
                APICommand.self,
            ]
        ),
    ]
}
