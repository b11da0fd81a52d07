import ArgumentParser
import InvokeClient

/// `invoke-agent job list`.
struct JobListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List your jobs, newest first.",
        discussion: """
            Example:
              invoke-agent job list --status failed --limit 10
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var page: PageOptions

    @Option(help: "Only jobs that stand so: scheduled, running, succeeded, failed or cancelled.")
    var status: String?

    @Option(help: "Only jobs of this service.")
    var service: String?

    @Option(help: "Only jobs of this operation.")
    var operation: String?

    @Option(help: ArgumentHelp("Only jobs from this time on, such as 2026-01-31T10:00:00Z.", valueName: "time"))
    var since: String?

    func run(_ agent: AgentClient) async throws {
        var filter: [(name: String, value: String)] = []
        if let operation { filter.append(("operation", try await agent.operation(meant: operation).did)) }
        for (name, value) in [("status", status), ("service", service), ("since", since)] {
            if let value { filter.append((name, value)) }
        }
        try await Printer(output, .jobs).print(agent.jobs(filter, pageSize: page.size), page)
    }
}
