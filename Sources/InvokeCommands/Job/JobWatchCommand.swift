import ArgumentParser
import InvokeClient

/// `invoke-agent job watch`.
struct JobWatchCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a job to its end, and print its result.",
        discussion: """
            Progress and log go to standard error. Ctrl-C leaves the job alone.

            Example:
              invoke-agent job watch 23811430911737856 --save results
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The job's id.") var job: String
    @Option(help: ArgumentHelp("Save the assets it makes into this folder.", valueName: "folder")) var save: String?

    func run(_ agent: AgentClient) async throws {
        try await JobWatch(agent: agent, job: job, output: output, save: save, progress: ProgressLine()).run()
    }
}
