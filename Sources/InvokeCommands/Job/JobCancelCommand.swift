import ArgumentParser
import InvokeClient

/// `invoke-agent job cancel`.
struct JobCancelCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End jobs that have not ended.",
        discussion: """
            One that runs is told to stop and ends within seconds.

            Example:
              invoke-agent job cancel 23811430911737856
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The jobs' ids.") var jobs: [String]

    func run(_ agent: AgentClient) async throws {
        for job in jobs { Printer(output, .jobState).print(try await agent.cancel(job).json) }
    }
}

extension View {
    static let jobState = View(id: "jobid", Column("Job", "jobid"), Column("Status", "status"))
}
