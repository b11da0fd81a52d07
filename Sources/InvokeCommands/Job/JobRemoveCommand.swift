import ArgumentParser
import InvokeClient

/// `invoke-agent job remove`.
struct JobRemoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove ended jobs with their logs; the assets they made stay.",
        discussion: """
            Example:
              invoke-agent job remove 23811430911737856
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The jobs' ids.") var jobs: [String]

    func run(_ agent: AgentClient) async throws {
        for job in jobs { try await agent.removeJob(job) }
    }
}
