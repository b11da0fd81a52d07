import InvokeModel
import OrderedCollections

/// An engine as `GET /engines` tells of it.
struct EngineView {
    private let json: JSON

    init(_ json: JSON) { self.json = json }

    var view: [String: Any] {
        let name = json["engine"]?.string ?? ""
        var view: [String: Any] = [
            "name": name,
            "isAvailable": json["available"]?.bool ?? false,
            "amounts": ["cpus", "memory", "gpus"].compactMap { amount($0, of: name) },
            "demands": (json["demands"]?.object ?? [:]).map { demand, treatment in
                ["demand": Self.demands[demand] ?? demand, "treatment": treatment.string ?? ""]
            },
        ]
        view["fault"] = json["fault"]?.string
        view["version"] = json["version"]?.string
        return view
    }

    private static let labels = ["cpus": "Processors", "memory": "Memory", "gpus": "Graphics processors"]
    private static let demands = [
        "cpus": "Processors asked for", "memory": "Memory asked for", "gpus": "Graphics processors asked for",
        "timeout": "Time limit", "network": "No network",
    ]

    private func amount(_ member: String, of name: String) -> [String: Any]? {
        guard let total = json[member]?["total"]?.number?.double else { return nil }
        let text: (Double) -> String = { member == "memory" ? Format.bytes(Int($0)) : Format.amount($0) }
        var view: [String: Any] = [
            "label": Self.labels[member] ?? member, "name": name, "total": "\(total)", "text": text(total),
        ]
        if let used = json[member]?["used"]?.number?.double {
            view["used"] = text(used)
            view["amount"] = "\(used)"
        }
        return view
    }
}
