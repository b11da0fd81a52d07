import Hummingbird
import InvokeModel

/// Where the viewer's programs hear of his jobs, and what has been sent there.
enum WebhookPages {
    static func add(to pages: Pages) {
        pages.get("/ui/webhooks") { visit in
            visit.page(
                "webhooks",
                .webhooks,
                title: "Webhooks",
                of: try await visit.list("/webhooks\(visit.query.text)", "webhooks"),
                as: WebhookRow.self,
                styles: ["operate.css"],
                scripts: ["suggest.js"]
            )
        }
        pages.get("/ui/webhooks/{id}") { visit in
            let path = "/webhooks/\(Paths.escape(visit.parameter("id")))"
            let webhook = try await visit.get(path)
            let list = try await visit.get("\(path)/deliveries\(visit.query.text)")
            let deliveries = (list["deliveries"]?.array ?? []).map(delivery)
            let state = visit.query("state")
            let content: [String: Any] = [
                "hook": WebhookRow(webhook, for: visit.viewer).content, "deliveries": deliveries,
                "isEmpty": deliveries.isEmpty, "chips": chips(visit), "isFiltered": state != nil,
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

    private static func chips(_ visit: Visit) -> [[String: Any]] {
        [nil, "pending", "delivered", "dead"].map { state in
            [
                "path": visit.path + visit.query.with("cursor", nil).with("state", state).text,
                "text": state ?? "all", "isHere": visit.query("state") == state,
            ]
        }
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

/// One webhook, in a list or on its own page.
private struct WebhookRow: Row {
    static let template = "webhookrow"
    let content: [String: Any]

    init(_ item: JSON, for viewer: Account?) {
        var content = item.fields
        let path = "/webhooks/\(Paths.escape(item["id"]?.string ?? ""))"
        content["api"] = path
        content["path"] = "/ui\(path)"
        content["isDisabled"] = item["disabled"] != nil
        content["why"] =
            switch item["disabled"]?["reason"]?.string {
            case "gone": "the receiver answered 410"
            case "failing": "five days in which no attempt succeeded"
            default: nil as String?
            }
        content["disabledSince"] = item["disabled"]?["since"]?.string
        content["operation"] = item["operation"]?.string.map {
            [
                "path": "/ui/operations/\(Paths.escape($0))",
                "text": "\(item["service"]?.string ?? "")/\(item["operation_name"]?.string ?? "")",
            ]
        }
        self.content = content
    }
}
