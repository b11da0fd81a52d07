import InvokeModel
import ArgumentParser
import InvokeClient

/// `invoke-agent job explain`.
struct JobExplainCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell why a job stands as it does, and what can be done.",
        discussion: """
            Example:
              invoke-agent job explain 23811430911737856
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @Argument(help: "The job's id.") var job: String

    func run(_ agent: AgentClient) async throws {
        let job = try await agent.job(job)
        func say(_ text: String) { Terminal.write(Terminal.plain(text) + "\n") }
        say("Job \(job.id) of \(job.json["service"]?.string ?? "") is \(job.state.rawValue).")
        if let waiting = job.json["waiting"], let detail = waiting["detail"]?.string { say("It waits: \(detail)") }
        if let progress = job.json["progress"] {
            say("It says that it is at \(progress["percent"]?.int ?? 0) %. \(progress["text"]?.string ?? "")")
        }
        for attempt in job.json["history"]?.array ?? [] {
            let ended = attempt["ended"]?.string.map { "ended \($0)" } ?? "runs"
            let cause = attempt["cause"]?.string.map { ": \($0)" } ?? ""
            say(
                "Attempt \(attempt["attempt"]?.int ?? 0) began \(attempt["started"]?.string ?? "") and \(ended)\(cause)"
            )
        }
        if let failure = job.failure { say("Why: \(failure)") }
        switch job.state {
        case .scheduled, .running:
            say("It has to end by \(job.json["deadline"]?.string ?? "").")
            say("Next: invoke-agent job watch \(job.id), or invoke-agent job cancel \(job.id)")
        case .succeeded: say("Next: invoke-agent job result \(job.id)")
        case .failed, .cancelled:
            say("Next: invoke-agent job logs \(job.id), or invoke-agent job retry \(job.id)")
        }
    }
}
