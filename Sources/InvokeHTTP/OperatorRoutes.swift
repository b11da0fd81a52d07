import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import OrderedCollections

/// What those who run the agent look at.
struct OperatorRoutes {
    private let configuration: [JSON]

    /// `configuration` is what admins are told of each setting.
    init(_ configuration: [JSON]) { self.configuration = configuration }

    func add(to routes: Routes) {
        routes.get("/configuration", .account) { call in
            try call.account().need(.admin)
            return Response(json: ["settings": .array(configuration)])
        }
        routes.get("/pools", .account) { call in
            let caller = try call.account()
            return try await call.page("pools", id: \.id, body: { $0.body(on: call.agent) }) { cursor, limit in
                try await call.agent.pools(after: cursor, limit: limit, for: caller)
            }
        }
    }
}

extension PoolFigures {
    fileprivate func body(on agent: Agent) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "service": .string(service),
            "concurrency": .number(JSONNumber(limits.concurrency ?? agent.limits.slots)),
            "running": .number(JSONNumber(running)),
            "waiting": .number(JSONNumber(waiting)),
            "queue": .number(JSONNumber(limits.queue)),
        ]
        members["oldest_seconds"] = oldestWaiting.map {
            .number(JSONNumber(max(0, Int(agent.store.now.timeIntervalSince($0)))))
        }
        return .object(members)
    }
}
