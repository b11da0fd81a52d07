import Foundation
import Hummingbird
import InvokeModel

/// What operators look at: how the agent does, its pools, its health and its configuration. For admins only.
enum OperatePages {
    static func add(to pages: Pages) {
        pages.get("/ui/operate") { visit in
            let standing = try await Standing(visit)
            let problems = standing.findings.filter { $0.status != .ok && !$0.isChosen }
            return visit.page(
                "operate",
                .operate,
                title: "Overview",
                [
                    "tab": ["overview": true],
                    "problems": problems.map(\.view),
                    "isWell": problems.isEmpty,
                    "figures": standing.figures.map(\.view),
                    "plots": standing.plots.map(\.view),
                    "minutes": standing.minutes.reversed().map(\.view),
                    "time": standing.rates["time"]?.string ?? "",
                ],
                styles: ["operate.css"],
                scripts: ["live.js"]
            )
        }
        pages.get("/ui/pools") { visit in
            try visit.needAdmin()
            return visit.page(
                "pools",
                .operate,
                title: "Pools",
                of: try await visit.list("/pools\(visit.query.text)", "pools"),
                as: Pool.self,
                styles: ["operate.css"],
                scripts: ["live.js"]
            ) {
                ["tab": ["pools": true]]
            }
        }
        pages.get("/ui/engines") { visit in
            try visit.needAdmin()
            let engines = (try await visit.get("/engines")["engines"]?.array ?? []).map { EngineView($0).view }
            return visit.page(
                "engines",
                .operate,
                title: "Engines",
                ["tab": ["engines": true], "engines": engines, "isEmpty": engines.isEmpty],
                styles: ["operate.css"],
                scripts: ["live.js"]
            )
        }
        pages.get("/ui/health") { visit in
            let standing = try await Standing(visit)
            let findings = standing.findings
            let bad = findings.filter { $0.status == .failed }.count
            let warnings = findings.filter { $0.status == .warning }.count
            var content: [String: Any] = [
                "tab": ["health": true], "findings": findings.map(\.view), "isWell": bad + warnings == 0,
                "isBad": bad > 0, "bad": bad, "warnings": warnings, "figures": standing.figures.map(\.view),
                "time": standing.rates["time"]?.string ?? "",
            ]
            content["version"] = standing.health["version"]?.string
            return visit.page(
                "health",
                .operate,
                title: "Health",
                content,
                styles: ["operate.css"],
                scripts: ["live.js"]
            )
        }
        pages.get("/ui/configuration") { visit in
            try visit.needAdmin()
            let settings = (try await visit.get("/configuration")["settings"]?.array ?? []).map(ShownSetting.init)
            return configuration(settings, visit)
        }
    }

    private static func configuration(_ settings: [ShownSetting], _ visit: Visit) -> Response {
        let (words, origin) = (visit.query("q") ?? "", visit.query("origin"))
        let found = settings.filter { setting in
            (origin == nil || setting.kind == origin) && (words.isEmpty || setting.text.contains(words.lowercased()))
        }
        let kinds = ["option", "environment", "file", "default"].filter { kind in
            settings.contains { $0.kind == kind }
        }
        let chips = ([nil] + kinds).map { kind -> [String: Any] in
            [
                "path": visit.path + visit.query.with("origin", kind).text, "isHere": kind == origin,
                "text": kind ?? "all",
                "count": kind.map { kind in settings.count { $0.kind == kind } } ?? settings.count,
            ]
        }
        var content: [String: Any] = [
            "tab": ["configuration": true], "settings": found.map(\.view), "isEmpty": found.isEmpty, "chips": chips,
            "words": words,
        ]
        content["origin"] = origin
        return visit.page("configuration", .operate, title: "Configuration", content, styles: ["operate.css"])
    }
}

/// A setting as the agent goes by it.
private struct ShownSetting {
    let name: String
    let value: String?
    let origin: String

    init(_ json: JSON) {
        name = json["key"]?.string ?? ""
        value = json["value"].flatMap { $0.string ?? ($0 == .null ? nil : $0.text) }
        origin = json["origin"]?.string ?? ""
    }

    /// The first word of where it comes from: `option`, `environment`, `file` or `default`.
    var kind: String { String(origin.prefix { $0 != " " }) }

    /// What is searched.
    var text: String { "\(name) \(value ?? "") \(origin)".lowercased() }

    var view: [String: Any] {
        var view: [String: Any] = ["name": name, "kind": kind, "isDefault": kind == "default"]
        if let value, !value.isEmpty { view["value"] = value }
        let place = origin.dropFirst(kind.count + 1)
        if !place.isEmpty { view["place"] = String(place) }
        return view
    }
}
