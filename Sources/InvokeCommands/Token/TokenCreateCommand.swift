import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent token create`.
struct TokenCreateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token of your account; it works for 90 days.",
        discussion: """
            Example:
              invoke-agent token create
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(_ agent: AgentClient) async throws {
        let token = try await agent.createToken()
        Printer(output, .token).print(["token": .string(token)])
    }
}
