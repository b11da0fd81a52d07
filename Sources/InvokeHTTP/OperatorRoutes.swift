import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import OrderedCollections

/// One setting of the program, as those who run it are told.
package struct ConfiguredValue: Sendable {
    let name: String
    let value: String?
    let origin: String

    /// `value` is nil where there is none, and hides what is secret; `origin` says where it comes from.
    package init(name: String, value: String?, origin: String) {
        self.name = name
        self.value = value
        self.origin = origin
    }
}

/// What those who run the agent look at.
struct OperatorRoutes {
    private let configuration: [ConfiguredValue]

    init(_ configuration: [ConfiguredValue]) { self.configuration = configuration }

    func add(to routes: Routes) {
        routes.get("/configuration", .account) { call in
            try call.account().need(.admin)
            return Response(json: ["settings": .array(configuration.map(\.body))])
        }
        routes.get("/pools", .account) { call in
            let caller = try call.account()
            return try await call.page("pools", id: \.id, body: { $0.body(on: call.agent) }) { cursor, limit in
                try await call.agent.pools(after: cursor, limit: limit, for: caller)
            }
        }
    }
}

extension ConfiguredValue {
    fileprivate var body: JSON {
        ["name": .string(name), "value": value.map(JSON.string) ?? .null, "origin": .string(origin)]
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
