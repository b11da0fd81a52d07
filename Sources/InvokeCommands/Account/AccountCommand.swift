import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent account`: who may do what.
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Look after accounts.",
        subcommands: [
            AccountListCommand.self, AccountShowCommand.self, AccountCreateCommand.self, AccountPasswordCommand.self,
            AccountRemoveCommand.self,
        ]
    )
}

extension View {
    static let account = View(
        id: "username",
        Column("Account", "username"),
        Column("Roles", "roles"),
        Column("Id", "id")
    )
}
