public import InvokeModel

/// Announcements of the ends of jobs.
extension AgentClient {
    /// The caller's webhooks.
    public func webhooks(pageSize: Int = 50) -> AgentPages { pages("/webhooks", "webhooks", size: pageSize) }

    /// A webhook.
    public func webhook(_ id: String) async throws -> JSON { try await json("GET", Self.path("webhooks", id)) }

    /// Registers a webhook; its secret is in this answer only.
    ///
    /// It hears of the events of the given types, of all without any, and of the jobs of one operation, or of all.
    public func createWebhook(_ url: String, events: [String] = [], operation: String? = nil) async throws -> JSON {
        try await json(
            "POST",
            "/webhooks",
            [
                "url": .string(url), "events": events.isEmpty ? .null : .array(events.map(JSON.string)),
                "operation": operation.map(JSON.string) ?? .null,
            ]
        )
    }

    /// Removes a webhook.
    public func removeWebhook(_ id: String) async throws { _ = try await send("DELETE", Self.path("webhooks", id)) }

    /// What can be done to a webhook: a `test` event, a new secret (`rotate`), `enable`.
    public enum WebhookAction: String, Sendable {
        case test, rotate, enable
    }

    /// Does something to a webhook.
    public func change(_ action: WebhookAction, webhook id: String) async throws -> JSON {
        try await json("POST", Self.path("webhooks", id, action.rawValue))
    }

    /// Puts deliveries back into the queue: one `event`, or those from `since` on and before `until`, of one `state`.
    public func replay(webhook id: String, _ what: JSON) async throws -> JSON {
        try await json("POST", Self.path("webhooks", id, "replay"), what)
    }

    /// A webhook's deliveries with their attempts, newest first.
    public func deliveries(ofWebhook id: String, state: String? = nil, pageSize: Int = 50) -> AgentPages {
        pages(
            Self.path("webhooks", id, "deliveries"),
            "deliveries",
            state.map { [("state", $0)] } ?? [],
            size: pageSize
        )
    }
}
