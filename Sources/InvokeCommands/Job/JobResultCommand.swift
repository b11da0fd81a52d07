import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent job result`.
struct JobResultCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Print what a job has come to.",
        discussion: """
            Its outputs by name; of an asset its DID. With a name, that output's value alone, as it is.

            Examples:
              invoke-agent job result 23811430911737856
              invoke-agent job result 23811430911737856 total
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The job's id.") var job: String
    @Argument(help: "One of its outputs.") var name: String?

    func run(_ agent: AgentClient) async throws {
        let ended = try await agent.job(job)
        switch ended.state {
        case .succeeded: break
        case .failed, .cancelled:
            throw Failure(
                status: ended.state == .failed ? .jobFailed : .jobCancelled,
                message: "job \(job) has no result: \(ended.failure ?? ended.state.rawValue)",
                advice: "see what its program wrote: invoke-agent job logs \(job)"
            )
        case .scheduled, .running:
            throw Failure(
                status: .stillRunning,
                message: "job \(job) is \(ended.state.rawValue).",
                advice: "wait for it: invoke-agent job watch \(job)"
            )
        }
        guard let name else {
            if output.output == .table || output.output == .id {
                return Printer(output, .outputs).print(ended.namedOutputs)
            }
            return Printer(output, .outputs).print(ended.json["outputs"] ?? [:])
        }
        guard let value = ended.outputs[name] else {
            throw Failure(
                status: .notFound,
                message:
                    "job \(job) has no output \"\(name)\"; it has \(ended.outputs.keys.sorted().joined(separator: ", "))."
            )
        }
        Terminal.write((value["did"]?.string ?? value.string ?? value.text) + "\n")
    }
}
