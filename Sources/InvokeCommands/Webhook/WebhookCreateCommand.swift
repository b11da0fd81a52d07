import ArgumentParser
import InvokeClient

/// `invoke-agent webhook create`.
struct WebhookCreateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Have the ends of your jobs announced; the secret is shown this once.",
        discussion: """
            Example:
              invoke-agent webhook create https://receiver.example/jobs --event job.failed
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "Where the announcements go.") var receiver: String
    @Option(help: "A type it hears of: job.succeeded, job.failed, job.cancelled. (default: all)") var event: [String] =
        []
    @Option(help: "The one operation whose jobs it hears of. (default: all)") var operation: String?

    func run(_ agent: AgentClient) async throws {
        let did: String? = if let operation { try await agent.operation(meant: operation).did } else { nil }
        Printer(output, .webhook).print(try await agent.createWebhook(receiver, events: event, operation: did))
    }
}
