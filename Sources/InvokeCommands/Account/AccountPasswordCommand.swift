import ArgumentParser
import Foundation
import InvokeClient

/// `invoke-agent account password`.
struct AccountPasswordCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Change a password; your own, or as an admin anybody's.",
        discussion: """
            The password is asked for, or taken from INVOKE_NEW_PASSWORD.

            Example:
              invoke-agent account password ada
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The account's name.") var account: String

    func run(_ agent: AgentClient) async throws {
        try await agent.setPassword(of: account, NewPassword.read(for: account))
    }
}

/// A password that is about to be set: never an argument, which other users of the machine could see.
enum NewPassword {
    static func read(for account: String) throws -> String {
        if let password = ProcessInfo.processInfo.environment["INVOKE_NEW_PASSWORD"] { return password }
        guard Terminal.canAsk, let password = Terminal.askSecret("New password of \(account)"),
            Terminal.askSecret("Again") == password
        else {
            throw Failure(
                status: .refused,
                message: "there is no new password, or it was not the same twice.",
                advice: "type it at a terminal, or set INVOKE_NEW_PASSWORD"
            )
        }
        return password
    }
}
