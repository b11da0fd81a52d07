import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// Services of scripts (oscar.md §5, §6).
struct OSCARServiceRoutes {
    private let profile: AgentProfile

    init(_ profile: AgentProfile) { self.profile = profile }

    func add(to routes: Routes) {
        routes.post("/system/services", answers: []) { call in
            let name = try await call.agent.registerScript(try await definition(call), by: try call.account())
            return Response(status: .created, headers: [.location: "/system/services/\(name)"])
        }
        routes.put("/system/services", answers: []) { call in
            try await call.agent.replaceScript(try await definition(call), by: try call.account())
            return Response(status: .noContent)
        }
        routes.get("/system/services", .account) { call in
            let services = try await call.agent.scripts(for: try call.account())
            return Response(oscar: .array(try services.map { try body(of: $0, call) }))
        }
        routes.get("/system/services/{name}", .account) { call in
            Response(oscar: try body(of: try await service(call), call))
        }
        routes.delete("/system/services/{name}") { call in
            try await call.agent.removeScript(named: call.parameter("name"), by: try call.account())
            return Response(status: .noContent)
        }
        routes.get("/system/services/{name}/deployment", .account) { call in
            Response(oscar: OSCAR.deployment(of: try await service(call).name))
        }
        routes.get("/system/services/{name}/deployment/logs", .account) { call in
            let name = try await service(call).name
            let lines = try call.number("tailLines", in: 1...1000, default: 200)
            let printed = try await call.agent.recentOutput(ofScript: name, lines: lines, for: try call.account())
            return Response(oscar: OSCAR.deploymentLog(of: name, printed, timestamps: call.oscarFlag("timestamps")))
        }
    }

    private func service(_ call: Call) async throws -> ServiceRecord {
        try await call.agent.script(named: call.parameter("name"), for: try call.account())
    }

    private func definition(_ call: Call) async throws -> JSON {
        do { return try JSON(parsing: try await call.body(limit: 1 << 20)) } catch let fault as JSONFault {
            throw Refusal(fault)
        }
    }

    private func body(of service: ServiceRecord, _ call: Call) throws -> JSON {
        let facts = OSCAR.ServiceFacts(
            token: call.agent.token(of: service),
            owner: try call.account().isAdmin && service.owner == call.account().id ? OSCAR.admin : service.ownerName,
            storeURL: profile.url(),
            providers: try call.agent.storageProviders(of: service)
        )
        var body = OSCAR.body(of: try JSON(result: service.definition), facts)
        if call.query("include") == "deployment", var members = body.object {
            members["deployment"] = OSCAR.deployment(of: service.name)
            body = .object(members)
        }
        return body
    }
}

extension Call {
    /// A flag of the query as Go reads it; what it can't read is false.
    func oscarFlag(_ name: String) -> Bool { ["1", "t", "T", "true", "TRUE", "True"].contains(query(name)) }
}
