import Hummingbird
import InvokeModel
import OrderedCollections

/// One operation: its form, the same call for programs, and how it has done so far.
enum OperationPages {
    static func add(to pages: Pages) {
        pages.get("/ui/operations/{id}") { visit in
            let operation = try await visit.get("/operations/\(Paths.escape(visit.parameter("id")))")
            let view = OperationView(operation)
            var content = view.content
            content["source"] = operation.text
            content["inputs"] = declarations(operation["inputs"])
            content["outputs"] = declarations(operation["outputs"])
            // A script's own dialect is open to those who are shown the script.
            if visit.viewer?.roles.contains(.provider) == true || visit.viewer?.isAdmin == true {
                let script = try await visit.find("/system/services/\(Paths.escape(view.service))")
                content["isScript"] = script != nil
            }
            return visit.page(
                "operation",
                .catalogue,
                title: "\(view.service)/\(view.name)",
                content,
                styles: ["catalogue.css", "operation.css"],
                scripts: ["operation.js"]
            )
        }
    }

    /// Inputs or outputs as rows of a table, in their order.
    private static func declarations(_ declared: JSON?) -> [[String: Any]] {
        let sorted = (declared?.object ?? [:]).sorted { one, other in
            (one.value["position"]?.int ?? 0) < (other.value["position"]?.int ?? 0)
        }
        return sorted.map { name, value in
            var row: [String: Any] = ["name": name, "type": value["type"]?.string ?? ""]
            row["isRequired"] = value["required"]?.bool
            row["description"] = value["description"]?.view
            row["default"] = value["default"].map { $0.string ?? $0.text }
            row["rules"] = rules(of: value)
            return row
        }
    }

    private static func rules(of value: JSON) -> String? {
        var rules: [String] = []
        if let type = value["content_type"]?.string { rules.append(type) }
        if let choices = value["enum"]?.array {
            rules.append("one of " + choices.compactMap(\.string).joined(separator: ", "))
        }
        if let pattern = value["pattern"]?.string { rules.append("matches \(pattern)") }
        if let least = value["min_length"]?.int { rules.append("at least \(least) characters") }
        if let most = value["max_length"]?.int { rules.append("at most \(Format.count(most)) characters") }
        if let schema = value["schema"] { rules.append("JSON Schema \(schema.text)") }
        return rules.isEmpty ? nil : rules.joined(separator: "; ")
    }
}
