import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire

/// Where the agent's services are, and how it is (DEP-11). Both are public: a client asks before it logs in.
struct DiscoveryRoutes {
    let profile: AgentProfile
    private let started = ContinuousClock.now

    init(_ profile: AgentProfile) { self.profile = profile }

    func add(to routes: Routes) {
        routes.get("/api/ddo", .open) { [self] call in
            Response(json: DEPv1.document(of: DID(agent: call.agent.id), at: profile.url()))
        }
        routes.get("/api/status", .open) { [self] call in
            let load = try await call.agent.store.load()
            let uptime = (ContinuousClock.now - started).components.seconds
            return Response(
                json: DEPv1.status(
                    name: profile.name,
                    description: profile.description,
                    details: [
                        "server": "invoke-agent", "version": .string(profile.version),
                        "uptime": .number(JSONNumber(Int(uptime))),
                        "jobs": [
                            "waiting": .number(JSONNumber(load.waiting)),
                            "running": .number(JSONNumber(load.running)),
                        ],
                    ]
                )
            )
        }
    }
}
