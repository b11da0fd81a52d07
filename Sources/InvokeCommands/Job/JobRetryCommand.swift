import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent job retry`.
struct JobRetryCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run ended jobs again: the same operation on the same inputs.",
        discussion: """
            Prints the new jobs' ids.

            Example:
              invoke-agent job retry 23811430911737856
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The jobs' ids.") var jobs: [String]

    func run(_ agent: AgentClient) async throws {
        for job in jobs { Printer(output, .startedJob).print(["jobid": .string(try await agent.retry(job))]) }
    }
}
