import Foundation
package import InvokeModel
import InvokeOutbound
package import InvokeStore

extension Agent {
    /// Registers a place where the caller hears of his jobs.
    ///
    /// The answer's secret signs what is sent there and is shown this once. It is derived from the agent's key, the
    /// webhook's id and the number of its generation: nothing that could be stolen is stored. Without `events` it hears of
    /// everything, and without the id or DID of an operation, of all of them.
    /// - Throws: `invalidWebhook`, `blockedURL`, `unknownOperation`, `conflict` when there are too many already.
    package func registerWebhook(
        url: String,
        events: [WebhookEvent]?,
        operation: String?,
        by caller: Account
    ) async throws -> (webhook: Webhook, secret: String) {
        let url = try outbound.check(url)
        var record: OperationRecord?
        if let operation { record = try await self.operation(operation).record }
        let id = WebhookID.random()
        try await store.register(
            NewWebhook(id: id, url: url.description, events: events, operation: record?.id),
            owner: caller.id
        )
        return (try await webhook(id.description, of: caller), shownSecret(of: .webhook(id), generation: 1))
    }

    /// A webhook of the caller's; those of others do not exist for him.
    /// - Throws: `unknownResource`.
    package func webhook(_ reference: String, of caller: Account) async throws -> Webhook {
        guard let id = WebhookID(reference), let webhook = try await store.webhook(id, of: caller.id) else {
            throw Self.unknownWebhook(reference)
        }
        return webhook
    }

    /// - Throws: `unknownResource`.
    package func removeWebhook(_ reference: String, of caller: Account) async throws {
        let webhook = try await webhook(reference, of: caller)
        guard try await store.remove(webhook.id) else { throw Self.unknownWebhook(reference) }
    }

    /// Sends a test event to a webhook, in the way that all events go.
    /// - Returns: the event's id.
    /// - Throws: `unknownResource`, `conflict` when the webhook is disabled, `queueFull`.
    package func testWebhook(_ reference: String, of caller: Account) async throws -> String {
        let webhook = try await webhook(reference, of: caller)
        guard let event = try await store.test(webhook.id) else { throw Self.unknownWebhook(reference) }
        return event
    }

    /// Starts a new secret for a webhook, shown this once; the one before signs along for a day.
    /// - Throws: `unknownResource`.
    package func rotateSecret(ofWebhook reference: String, of caller: Account) async throws -> String {
        let webhook = try await webhook(reference, of: caller)
        guard let generation = try await store.rotateSecret(of: webhook.id) else {
            throw Self.unknownWebhook(reference)
        }
        return shownSecret(of: .webhook(webhook.id), generation: generation)
    }

    /// Turns a disabled webhook on again; what it has missed waits to be replayed.
    /// - Throws: `unknownResource`.
    package func enableWebhook(_ reference: String, of caller: Account) async throws -> Webhook {
        try await store.enable(try await webhook(reference, of: caller).id)
        return try await webhook(reference, of: caller)
    }

    /// Sends again what a webhook has missed, or has had.
    /// - Throws: `unknownResource`, also for an event that the webhook has not been told; `conflict` when the webhook is
    ///   disabled.
    package func replay(_ range: ReplayRange, toWebhook reference: String, of caller: Account) async throws -> Replay {
        let webhook = try await webhook(reference, of: caller)
        guard let replay = try await store.replay(range, to: webhook.id) else { throw Self.unknownWebhook(reference) }
        if case .event(let event) = range, replay.count == 0, !replay.isCut {
            throw Refusal(.unknownResource, "The webhook has no event \"\(event.prefix(80))\".")
        }
        return replay
    }

    /// What has told of the end of a job, newest first, from before a row on. The URLs are for nobody but the job's owner.
    /// - Throws: `unknownJob`, `forbidden`.
    package func deliveries(
        ofJob reference: String,
        before cursor: Int64,
        limit: Int,
        for caller: Account
    ) async throws -> [DeliveryRecord] {
        let job = try await job(reference, for: caller)
        guard job.owner == caller.id else { throw Refusal.forbidden("the owner of the job") }
        return try await store.deliveries(of: job.id, before: cursor, limit: limit)
    }

    /// Starts a new secret that signs what goes to the URLs of the caller's calls; shown this once.
    package func rotateWebhookSecret(of caller: Account) async throws -> String {
        let generation = try await store.rotateWebhookSecret(of: caller.id)
        return shownSecret(of: .account(caller.publicID), generation: generation)
    }

    /// The key that signs what is sent to webhooks.
    package func webhookSecret(of holder: SecretHolder, generation: Int) -> [UInt8] {
        let number = Array("\(generation)".utf8)
        return switch holder {
        case .account(let account): key.derive(.webhookSecret, account.bytes + number)
        case .webhook(let webhook): key.derive(.endpointSecret, Array("\(webhook) ".utf8) + number)
        }
    }

    private func shownSecret(of holder: SecretHolder, generation: Int) -> String {
        "whsec_" + Data(webhookSecret(of: holder, generation: generation)).base64EncodedString()
    }

    private static func unknownWebhook(_ reference: String) -> Refusal {
        Refusal(.unknownResource, "There is no webhook \"\(reference.prefix(80))\".")
    }
}
