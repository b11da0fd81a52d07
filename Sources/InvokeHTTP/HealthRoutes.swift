import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeSchemas
import InvokeWire
import OrderedCollections

/// What an operator asks first.
struct HealthRoutes {
    let version: String
    /// What keeps programs from being run safely; nil when nothing does.
    let sandboxProblem: String?

    func add(to routes: Routes) throws {
        // OSCAR's clients look for exactly this word; who asks for JSON is told more, and everybody is when something is
        // wrong.
        routes.get("/health", .open, answers: ["text/plain", "application/json"]) { [self] call in
            let wantsMore = call.request.headers[values: .accept].contains { $0.contains("json") }
            guard wantsMore || sandboxProblem != nil else { return Response(text: "Ok") }
            var members: OrderedDictionary<String, JSON> = [
                "status": "ok", "version": .string(version),
                "sandbox": .string(sandboxProblem == nil ? "available" : "unavailable"),
            ]
            members["advice"] = sandboxProblem.map(JSON.string)
            return Response(json: .object(members))
        }
        routes.get("/ready", .open) { call in
            try await call.agent.checkReady()
            return Response(json: ["status": "ready"])
        }
        MetricsRoute.add(to: routes, version: version)
        let document = try JSON(
            yaml: Schemas.openAPI,
            limits: JSONLimits(depth: 64, nodes: 100_000),
            maximumAliases: .max
        ).bytes()
        routes.get("/openapi.json", .open) { _ in Response(bytes: document, contentType: "application/json") }
        let schema = Schemas.serviceDefinition
        routes.get(
            "/schemas/service-definition.schema.json",
            .open,
            answers: ["application/schema+json", "application/json"]
        ) { _ in
            Response(bytes: schema, contentType: "application/schema+json")
        }
    }
}
