import ArgumentParser
import InvokeClient

/// `invoke-agent job show`.
struct JobShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a job as it stands.",
        discussion: """
            Example:
              invoke-agent job show 23811430911737856
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The job's id.") var job: String

    func run(_ agent: AgentClient) async throws { Printer(output, .job).print(try await agent.job(job).json) }
}
