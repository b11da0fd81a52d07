import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent job wait`.
struct JobWaitCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait for a job's end, and say nothing before it.",
        discussion: """
            Ends with 0 when the job has succeeded, 10 when it failed, 11 when it was cancelled, and 12 when it still runs.

            Example:
              invoke-agent job wait 23811430911737856 --timeout 10m
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The job's id.") var job: String
    @Option(help: ArgumentHelp("How long to wait at most.", valueName: "time")) var timeout: String = "24h"

    func run(_ agent: AgentClient) async throws {
        let limit = try Duration(argument: timeout, of: "--timeout")
        let job = try await agent.wait(for: job, atMost: limit)
        Printer(output, .job).print(job.json)
        switch job.state {
        case .succeeded: break
        case .failed: throw ExitStatus.jobFailed.code
        case .cancelled: throw ExitStatus.jobCancelled.code
        case .scheduled, .running: throw ExitStatus.stillRunning.code
        }
    }
}
