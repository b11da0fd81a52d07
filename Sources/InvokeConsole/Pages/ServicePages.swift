import Hummingbird
import InvokeModel

/// A service for those who use it, and for its owner: registered, replaced, retired.
enum ServicePages {
    static func add(to pages: Pages) {
        pages.get("/ui/services/new") { visit in
            guard visit.viewer != nil else { throw Unanswered(status: 401, body: .null) }
            guard visit.viewer?.roles.contains(.provider) == true else { throw Unanswered(status: 403, body: .null) }
            return visit.page(
                "definition",
                .catalogue,
                title: "Register a service",
                [:],
                styles: ["definition.css"],
                scripts: ["definition.js"]
            )
        }
        pages.get("/ui/services/{name}") { visit in try await service(visit) }
        pages.get("/ui/services/{name}/edit") { visit in
            guard visit.viewer != nil else { throw Unanswered(status: 401, body: .null) }
            let name = visit.parameter("name")
            let definition = try await visit.get("/services/\(Paths.escape(name))/definition")
            return visit.page(
                "definition",
                .catalogue,
                title: "Replace \(name)",
                ["name": name, "path": "/services/\(Paths.escape(name))", "definition": definition.text],
                styles: ["definition.css"],
                scripts: ["definition.js"]
            )
        }
    }

    private static func service(_ visit: Visit) async throws -> Response {
        let name = visit.parameter("name")
        let path = "/services/\(Paths.escape(name))"
        let service = try await visit.get(path)
        var list = Query([("service", name), ("limit", "24")])
        if let cursor = visit.query("cursor") { list = list.with("cursor", cursor) }
        let operations = try await visit.list("/operations" + list.text, "operations")
        var content: [String: Any] = ["name": name, "path": path]
        content["did"] = service["service"]?["did"]?.string
        content["version"] = service["service"]?["version"]?.string
        content["description"] = service["service"]?["description"]?.view
        // Whoever is told the token may also change the service.
        let isOwn = service["token"] != nil
        let definition = isOwn ? try await visit.get(path + "/definition") : .null
        if isOwn {
            content["own"] = ["definition": definition.text, "isScript": definition["oscar"] != nil] as [String: Any]
        }
        return visit.page(
            "service",
            .catalogue,
            title: name,
            of: operations,
            as: OperationView.self,
            from: service.text + definition.text,
            styles: ["catalogue.css"] + (isOwn ? ["viewers.css"] : []),
            scripts: isOwn ? ["service.js", "viewers.js"] : []
        ) {
            content
        }
    }
}
