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
        routes.get("/health", .open) { [self] _ in
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
