import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// Where accounts hear of their jobs (agent.md §7).
enum WebhookRoutes {
    static func add(to routes: Routes) {
        routes.post("/webhooks/secret") { call in
            let secret = try await call.agent.rotateWebhookSecret(of: try call.account())
            return Response(json: ["secret": .string(secret)])
        }
        routes.post("/webhooks") { call in
            let caller = try call.account()
            var body = try MemberReader(try await call.json(limit: 64 << 10))
            let url = body.string("url")
            let events = body.value("events") == nil ? nil : body.strings("events", of: WebhookEvent.self)
            if body.violations.isEmpty, events?.isEmpty == true { body.add("events", "must name at least one") }
            let operation = body.optionalString("operation")
            try body.finish(as: .invalidWebhook)
            let (webhook, secret) = try await call.agent.registerWebhook(
                url: url,
                events: events.map { Array(OrderedSet($0)) },
                operation: operation,
                by: caller
            )
            var response = Response(json: webhook.body(call.agent, secret: secret), status: .created)
            response.headers[.location] = "/webhooks/\(webhook.id)"
            return response
        }
        routes.get("/webhooks", .account) { call in
            let caller = try call.account()
            return try await call.page("webhooks", id: \.row, body: { $0.webhook.body(call.agent) }) { cursor, limit in
                try await call.agent.store.webhooks(of: caller.id, after: cursor, limit: limit)
            }
        }
        routes.get("/webhooks/{id}", .account) { call in
            let webhook = try await call.agent.webhook(call.parameter("id"), of: try call.account())
            return Response(json: webhook.body(call.agent))
        }
        routes.delete("/webhooks/{id}") { call in
            try await call.agent.removeWebhook(call.parameter("id"), of: try call.account())
            return Response(status: .noContent)
        }
        addActions(to: routes)
    }

    private static func addActions(to routes: Routes) {
        routes.post("/webhooks/{id}/test") { call in
            let event = try await call.agent.testWebhook(call.parameter("id"), of: try call.account())
            return call.queued(["event": .string(event)])
        }
        routes.post("/webhooks/{id}/rotate") { call in
            let id = call.parameter("id")
            let secret = try await call.agent.rotateSecret(ofWebhook: id, of: try call.account())
            return Response(json: ["id": .string(id), "secret": .string(secret)])
        }
        routes.post("/webhooks/{id}/enable") { call in
            let webhook = try await call.agent.enableWebhook(call.parameter("id"), of: try call.account())
            return Response(json: webhook.body(call.agent))
        }
        routes.post("/webhooks/{id}/replay") { call in
            let caller = try call.account()
            let range = try await replayRange(call)
            let replay = try await call.agent.replay(range, toWebhook: call.parameter("id"), of: caller)
            return call.queued(["replayed": .number(JSONNumber(replay.count)), "more": .bool(replay.isCut)])
        }
        routes.get("/webhooks/{id}/deliveries", .account) { call in
            let webhook = try await call.agent.webhook(call.parameter("id"), of: try call.account())
            let state = try state(call)
            return try await call.page("deliveries", id: \.id, body: \.body) { cursor, limit in
                let before = cursor == 0 ? .max : cursor
                return try await call.agent.store.deliveries(to: webhook.id, state, before: before, limit: limit)
            }
        }
        routes.get("/jobs/{id}/deliveries", .account) { call in
            let (caller, job) = (try call.account(), call.parameter("id"))
            return try await call.page("deliveries", id: \.id, body: \.bodyWithReceiver) { cursor, limit in
                let before = cursor == 0 ? .max : cursor
                return try await call.agent.deliveries(ofJob: job, before: before, limit: limit, for: caller)
            }
        }
    }

    /// One event, or a range of times.
    private static func replayRange(_ call: Call) async throws -> ReplayRange {
        var body = try MemberReader(try await call.json(limit: 64 << 10))
        let event = body.optionalString("event")
        let since = body.time("since")
        let until = body.time("until")
        let state = body.word("state", of: DeliveryRecord.State.self)
        if event != nil, since != nil || until != nil || state != nil {
            body.add("event", "goes without `since`, `until` and `state`")
        } else if event == nil, body.value("since") == nil {
            body.add("since", "is required, unless `event` names one event")
        }
        try body.finish()
        if let event { return .event(event) }
        return .times(from: since ?? .distantPast, until: until ?? .distantFuture, state)
    }

    private static func state(_ call: Call) throws -> DeliveryRecord.State? {
        guard let text = call.query("state") else { return nil }
        guard let state = DeliveryRecord.State(rawValue: text) else {
            let words = DeliveryRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.invalidParameter, "\"\(text.prefix(40))\" is not a state: \(words).")
        }
        return state
    }
}

extension Call {
    /// What has been put into the queue of the webhook in the path can be followed in its deliveries.
    fileprivate func queued(_ body: JSON) -> Response {
        var response = Response(json: body, status: .accepted)
        response.headers[.location] = "/webhooks/\(parameter("id"))/deliveries"
        return response
    }
}

extension Webhook {
    /// What its owner is shown; the secret, once.
    fileprivate func body(_ agent: Agent, secret: String? = nil) -> JSON {
        var members: OrderedDictionary<String, JSON> = ["id": .string(id.description)]
        members["secret"] = secret.map(JSON.string)
        members["url"] = .string(url)
        members["events"] = .array((events ?? WebhookEvent.allCases).map { .string($0.rawValue) })
        members["operation"] = operation.map { .string(agent.did(of: $0).description) }
        members["operation_name"] = operationName.map(JSON.string)
        members["service"] = serviceName.map(JSON.string)
        members["created"] = JSON(time: createdAt)
        members["state"] = .string(disabled == nil ? "enabled" : "disabled")
        members["disabled"] = disabled.map { ["since": JSON(time: $0.since), "reason": .string($0.reason.rawValue)] }
        members["failing_since"] = failingSince.map(JSON.init(time:))
        members["pending"] = .number(JSONNumber(pending))
        return .object(members)
    }
}

extension DeliveryRecord {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = [
            "event": .string(eventID),
            "type": .string(job.map { "job.\($0.state.rawValue)" } ?? "webhook.test"),
        ]
        members["jobid"] = job.map { .string($0.id.description) }
        members["state"] = .string(state.rawValue)
        members["reason"] = reason.map { .string($0.rawValue) }
        members["created"] = JSON(time: createdAt)
        members["next"] = nextAttempt.map(JSON.init(time:))
        members["ended"] = endedAt.map(JSON.init(time:))
        members["attempts"] = .array(history.map(\.body))
        return .object(members)
    }
}

extension DeliveryRecord {
    /// For a list of deliveries to several receivers.
    fileprivate var bodyWithReceiver: JSON {
        var members = body.object ?? [:]
        members["webhook"] = webhook.map { .string($0.description) }
        members["url"] = .string(url)
        return .object(members)
    }
}

extension DeliveryAttempt {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = [
            "time": JSON(time: startedAt), "ms": .number(JSONNumber(Int(duration / .milliseconds(1)))),
        ]
        members["status"] = status.map { .number(JSONNumber($0)) }
        members[status == nil ? "failure" : "reply"] = .string(answer)
        return .object(members)
    }
}
