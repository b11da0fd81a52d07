import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent token list`.
struct TokenListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tokens of your account that work.",
        discussion: """
            Example:
              invoke-agent token list
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(_ agent: AgentClient) async throws {
        let tokens = try await agent.tokens()
        Printer(output, .token).print(tokens.map { ["token": .string($0)] })
    }
}

extension View {
    static let token = View(id: "token", Column("Token", "token"))
}
