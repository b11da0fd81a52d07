import Hummingbird
import InvokeModel

/// Where the viewer's programs hear of his jobs, and what has been sent there.
enum WebhookPages {
    static func add(to pages: Pages<some RequestContext>) {
        pages.get("/ui/webhooks") { visit in
            let list = try await visit.get("/webhooks\(visit.query.text)")
            let operations = try await visit.get("/operations?limit=200")["operations"]?.array ?? []
            let names = operations.reduce(into: [String: String]()) { names, operation in
                guard let did = operation["did"]?.string else { return }
                names[did] = Self.name(operation)
            }
            let webhooks = (list["webhooks"]?.array ?? []).map { view($0, operations: names) }
            let content: [String: Any] = [
                "webhooks": webhooks, "isEmpty": webhooks.isEmpty,
                "operations": operations.map { ["did": $0["did"]?.string ?? "", "text": name($0)] },
            ]
            return visit.page(
                "webhooks",
                .webhooks,
                title: "Webhooks",
                content,
                below: list,
                styles: ["operate.css"]
            )
        }
        pages.get("/ui/webhooks/{id}") { visit in
            let path = "/webhooks/\(Paths.escape(visit.parameter("id")))"
            let webhook = try await visit.get(path)
            let list = try await visit.get("\(path)/deliveries\(visit.query.text)")
            var names: [String: String] = [:]
            if let did = webhook["operation"]?.string,
                let operation = try await visit.find("/operations/\(Paths.escape(did))")
            {
                names[did] = name(operation)
            }
            let deliveries = (list["deliveries"]?.array ?? []).map(delivery)
            let state = visit.query("state")
            let content: [String: Any] = [
                "hook": view(webhook, operations: names), "deliveries": deliveries, "isEmpty": deliveries.isEmpty,
                "chips": chips(visit), "isFiltered": state != nil,
            ]
            return visit.page(
                "webhook",
                .webhooks,
                title: "Webhook",
                content,
                below: list,
                styles: ["operate.css"],
                scripts: ["live.js"]
            )
        }
    }

    private static func name(_ operation: JSON) -> String {
        "\(operation["service"]?.string ?? "")/\(operation["name"]?.string ?? "")"
    }

    private static func chips(_ visit: Visit) -> [[String: Any]] {
        [nil, "pending", "delivered", "dead"].map { state in
            [
                "path": visit.path + visit.query.with("cursor", nil).with("state", state).text,
                "text": state ?? "all", "isHere": visit.query("state") == state,
            ]
        }
    }

    /// A webhook; `operations` are names by DID.
    private static func view(_ webhook: JSON, operations: [String: String]) -> [String: Any] {
        var view = webhook.fields
        let path = "/webhooks/\(Paths.escape(webhook["id"]?.string ?? ""))"
        view["api"] = path
        view["path"] = "/ui\(path)"
        view["isDisabled"] = webhook["disabled"] != nil
        view["why"] =
            switch webhook["disabled"]?["reason"]?.string {
            case "gone": "the receiver answered 410"
            case "failing": "five days in which no attempt succeeded"
            default: nil as String?
            }
        view["disabledSince"] = webhook["disabled"]?["since"]?.string
        view["waits"] = (webhook["pending"]?.int ?? 0) > 0
        let did = webhook["operation"]?.string
        view["operation"] = did.map {
            ["path": "/ui/operations/\(Paths.escape($0))", "text": operations[$0] ?? $0]
        }
        return view
    }

    private static func delivery(_ delivery: JSON) -> [String: Any] {
        var view = delivery.fields
        let attempts = delivery["attempts"]?.array ?? []
        view["attempts"] = attempts.reversed().map { attempt -> [String: Any] in
            var view = attempt.fields
            view["took"] = Format.duration(milliseconds: attempt["ms"]?.int ?? 0)
            return view
        }
        view["tries"] = attempts.count == 1 ? "1 attempt" : "\(attempts.count) attempts"
        view["wasTried"] = !attempts.isEmpty
        view["last"] = attempts.last.flatMap { last in
            last["status"].map { "answered \($0.text)" } ?? last["failure"]?.string
        }
        view["why"] =
            switch delivery["reason"]?.string {
            case "exhausted": "the last attempt failed"
            case "gone": "the receiver answered 410"
            case "disabled": "the webhook was disabled"
            case "full": "too many were waiting"
            default: nil as String?
            }
        view["job"] = delivery["jobid"]?.string
        view["due"] = delivery["next"]?.string
        return view
    }
}
