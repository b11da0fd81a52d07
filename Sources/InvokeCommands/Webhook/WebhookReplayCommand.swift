import ArgumentParser
import InvokeClient
import InvokeModel
import OrderedCollections

/// `invoke-agent webhook replay`.
struct WebhookReplayCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send events again.",
        discussion: """
            Example:
              invoke-agent webhook replay WEBHOOK --since 2026-03-01T10:00:00Z --state dead
            """
    )

    @OptionGroup(title: "Agent") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: "The webhook's id.") var webhook: String
    @Option(help: "The one event, by its id.") var event: String?
    @Option(help: "Those from this time on.") var since: String?
    @Option(help: "Those before this time.") var until: String?
    @Option(help: "Those that stand so: pending, delivered or dead.") var state: String?

    func run(_ agent: AgentClient) async throws {
        let what: OrderedDictionary<String, String?> = ["event": event, "since": since, "until": until, "state": state]
        let members = what.compactMapValues { $0.map(JSON.string) }
        Printer(output, .replay).print(try await agent.replay(webhook: webhook, .object(members)))
    }
}
