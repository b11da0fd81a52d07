import ArgumentParser
import Foundation
import InvokeClient

/// `invoke-agent account show`.
struct AccountShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an account; without a name the one you are.",
        discussion: """
            Example:
              invoke-agent account show
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The account's name.") var account: String?

    func run(_ agent: AgentClient) async throws {
        guard let name = try account ?? connection.username() else {
            throw Failure(
                status: .notAllowed,
                message: "nobody is logged in.",
                advice: "log in: invoke-agent login"
            )
        }
        Printer(output, .account).print(try await agent.account(name))
    }
}
