import ArgumentParser
import InvokeClient
import InvokeModel

/// `invoke-agent webhook`: announcements of the ends of jobs.
struct WebhookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Have the ends of jobs announced.",
        subcommands: [
            WebhookListCommand.self, WebhookShowCommand.self, WebhookCreateCommand.self, WebhookTestCommand.self,
            WebhookRotateCommand.self, WebhookEnableCommand.self, WebhookDeliveriesCommand.self,
            WebhookReplayCommand.self, WebhookRemoveCommand.self,
        ]
    )
}

extension View {
    static let webhook = View(
        id: "id",
        Column("Webhook", "id"),
        Column("State", "state"),
        Column("Pending", "pending"),
        Column("URL", "url"),
        Column("Events", "events"),
        Column("Secret", "secret")
    )
    static let event = View(id: "event", Column("Event", "event"))
    static let replay = View(id: "replayed", Column("Replayed", "replayed"))
    static let delivery = View(
        id: "event",
        Column("Event", "event"),
        Column("Type", "type"),
        Column("State", "state"),
        Column("Job", "jobid"),
        Column("Created", "created"),
        Column("Attempts", "attempts.status")
    )
}
