import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// Registration and the catalogue (agent.md §4).
enum ServiceRoutes {
    static func add(to routes: Routes) {
        routes.post("/services") { call in
            let (caller, isDryRun) = (try call.account(), try call.isDryRun)
            return try await withDefinition(call) { definition in
                guard !isDryRun else {
                    return answer(try await call.agent.dryRun(registering: definition, by: caller))
                }
                let service = try await call.agent.register(definition, by: caller)
                var response = Response(json: try body(of: service, call.agent), status: .created)
                response.headers[.location] = "/services/\(service.record.name)"
                return response
            }
        }
        routes.get("/services", .catalogue) { call in
            try await call.page("services", id: \.id, body: { $0.body(on: call.agent) }) { cursor, limit in
                try await call.agent.services(after: cursor, limit: limit)
            }
        }
        routes.get("/services/{name}", .catalogue) { call in
            let service = try await call.agent.service(named: call.parameter("name"), for: call.caller)
            return Response(json: try body(of: service, call.agent))
        }
        routes.put("/services/{name}") { call in
            let (caller, name, isDryRun) = (try call.account(), call.parameter("name"), try call.isDryRun)
            return try await withDefinition(call) { definition in
                guard !isDryRun else {
                    return answer(
                        try await call.agent.dryRun(replacingServiceNamed: name, with: definition, by: caller)
                    )
                }
                let service = try await call.agent.replaceService(named: name, with: definition, by: caller)
                return Response(json: try body(of: service, call.agent))
            }
        }
        routes.delete("/services/{name}") { call in
            try await call.agent.retireService(named: call.parameter("name"), by: try call.account())
            return Response(status: .noContent)
        }
        routes.get("/services/{name}/definition", .account) { call in
            Response(
                json: try await call.agent.definition(ofServiceNamed: call.parameter("name"), for: try call.account())
            )
        }
        routes.get("/operations", .catalogue) { call in
            let filter = OperationFilter(text: call.text("q"), tag: call.text("tag"), service: call.text("service"))
            return try await call.page(
                "operations",
                id: \.record.id,
                body: { $0.body(on: call.agent) },
                read: { try await call.agent.operations(filter, after: $0, limit: $1) }
            )
        }
        for path in ["/operations/{id}", "/operations/{id}/{asset}"] {
            routes.get(path, .catalogue) { call in
                Response(json: try await call.agent.presentOperation(call.reference).body(on: call.agent))
            }
        }
    }

    /// Answers with what is made of the definition in the body, which is JSON or YAML; faults of YAML come with their lines.
    private static func withDefinition(
        _ call: Call,
        _ answer: (JSON) async throws -> Response
    ) async throws -> Response {
        let yaml = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]
        try call.need(["application/json"] + yaml)
        let bytes = try await call.body(limit: 256 << 10)
        guard let type = call.mediaType, yaml.contains(type) else {
            do { return try await answer(try JSON(parsing: bytes)) } catch let fault as JSONFault {
                throw Refusal(fault)
            }
        }
        do { return try await answer(try JSON(yaml: bytes)) } catch let refusal as Refusal {
            throw refusal.withLines(ofYAML: bytes)
        }
    }

    /// The answer to a dry run: what the definition would be.
    private static func answer(_ service: NewService) -> Response {
        Response(json: [
            "valid": true,
            "service": [
                "name": .string(service.name),
                "version": .string(service.version),
                "operations": .array(service.operations.map { .string($0.name) }),
            ],
        ])
    }

    private static func body(of service: RegisteredService, _ agent: Agent) throws -> JSON {
        let operations = service.operations.map { operation -> (String, JSON) in
            (
                operation.name,
                [
                    "did": .string(agent.did(of: operation.asset).description),
                    "id": .string(operation.asset.description),
                ]
            )
        }
        var described: OrderedDictionary<String, JSON> = [
            "did": .string(agent.did(of: service.record.asset).description),
            "name": .string(service.record.name),
            "version": .string(service.record.version),
        ]
        described["description"] = try JSON(result: service.record.definition)["description"]
        var members: OrderedDictionary<String, JSON> = [
            "service": .object(described),
            "operations": .object(OrderedDictionary(uniqueKeysWithValues: operations)),
        ]
        members["token"] = service.token.map(JSON.string)
        return .object(members)
    }
}

extension ServiceRecord {
    /// The service as lists tell of it.
    fileprivate func body(on agent: Agent) -> JSON {
        [
            "did": .string(agent.did(of: asset).description), "name": .string(name), "version": .string(version),
            "owner": .string(ownerName), "created": JSON(time: createdAt), "updated": JSON(time: updatedAt),
        ]
    }
}

extension RegisteredOperation {
    fileprivate func body(on agent: Agent) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "did": .string(agent.did(of: record.asset).description),
            "id": .string(record.asset.description),
            "name": .string(operation.name),
            "service": .string(record.serviceName),
            "version": .string(record.serviceVersion),
            "tags": .array(record.tags.map(JSON.string)),
            "modes": .array(Mode.allCases.filter(operation.modes.contains).map { .string($0.rawValue) }),
            "inputs": .object(OrderedDictionary(uniqueKeysWithValues: operation.inputs.map { ($0.name, $0.body) })),
            "outputs": .object(OrderedDictionary(uniqueKeysWithValues: operation.outputs.map { ($0.name, $0.body) })),
            "statistics": [
                "succeeded": .number(JSONNumber(record.succeeded)),
                "failed": .number(JSONNumber(record.failed)),
                "mean_ms": .number(JSONNumber(record.runningMilliseconds / max(1, record.succeeded))),
                "median_ms": .number(JSONNumber(Int((record.medianRunning ?? .zero) / .milliseconds(1)))),
                "last": .array(record.lastEnds.prefix(5).map(\.body)),
            ],
        ]
        members["description"] = operation.description.map(JSON.string)
        members["price"] = operation.price.map { ["amount": .string($0.amount), "currency": .string($0.currency)] }
        return .object(members)
    }
}

extension OperationEnd {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = ["state": .string(state.rawValue), "ended": JSON(time: at)]
        members["ms"] = running.map { .number(JSONNumber(Int($0 / .milliseconds(1)))) }
        return .object(members)
    }
}

extension InputDeclaration {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = [
            "type": .string(type.rawValue),
            "required": .bool(required),
            "position": .number(JSONNumber(position)),
        ]
        members["default"] = defaultValue
        members["description"] = description.map(JSON.string)
        members["content_type"] = contentType.map(JSON.string)
        members["pattern"] = pattern.map { .string($0.text) }
        members["enum"] = choices.map { .array($0.map(JSON.string)) }
        members["min_length"] = minLength.map { .number(JSONNumber($0)) }
        members["max_length"] = maxLength.map { .number(JSONNumber($0)) }
        members["schema"] = schema?.source
        return .object(members)
    }
}

extension OutputDeclaration {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = ["type": .string(type.rawValue)]
        members["description"] = description.map(JSON.string)
        members["content_type"] = contentType.map(JSON.string)
        return .object(members)
    }
}
