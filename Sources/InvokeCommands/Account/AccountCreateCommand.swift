import ArgumentParser
import InvokeClient

/// `invoke-agent account create`.
struct AccountCreateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an account; for admins.",
        discussion: """
            The password is asked for, or taken from INVOKE_NEW_PASSWORD.

            Example:
              invoke-agent account create ada --role provider --role consumer
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The account's name.") var account: String
    @Option(help: "What it may be: admin, provider, consumer.") var role: [String] = ["consumer"]

    func run(_ agent: AgentClient) async throws {
        let password = try NewPassword.read(for: account)
        Printer(output, .account).print(try await agent.createAccount(account, password: password, roles: role))
    }
}
