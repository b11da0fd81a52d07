import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent service token`.
struct ServiceTokenCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a service's own token; for its owner.",
        discussion: """
            Example:
              invoke-agent service token word-count
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The service's name.") var service: String

    func run(_ agent: AgentClient) async throws {
        guard let token = try await agent.service(service)["token"]?.string else {
            throw Failure(status: .notAllowed, message: "only the owner of \(service) may read its token.")
        }
        Terminal.write(token + "\n")
    }
}
