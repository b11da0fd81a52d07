import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import OrderedCollections

/// What those who run the agent look at.
struct OperatorRoutes {
    private let configuration: [JSON]
    private let engines: Server.EngineConditions

    /// `configuration` is what admins are told of each setting.
    init(configuration: [JSON], engines: @escaping Server.EngineConditions) {
        self.configuration = configuration
        self.engines = engines
    }

    func add(to routes: Routes) {
        routes.get("/configuration", .account) { call in
            try call.account().need(.admin)
            return Response(json: ["settings": .array(configuration)])
        }
        routes.get("/engines", .account) { call in
            let isAdmin = try call.account().roles.contains(.admin)
            let bodies = await engines().map { $0.condition.body(of: $0.engine, tellsFault: isAdmin) }
            return Response(json: ["engines": .array(bodies)])
        }
        routes.get("/pools", .account) { call in
            let caller = try call.account()
            return try await call.page("pools", id: \.id, body: { $0.body(on: call.agent) }) { cursor, limit in
                try await call.agent.pools(after: cursor, limit: limit, for: caller)
            }
        }
    }
}

extension EngineCondition {
    fileprivate func body(of engine: Engine, tellsFault: Bool) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "engine": .string(engine.rawValue), "available": .bool(fault == nil),
        ]
        if tellsFault { members["fault"] = fault.map(JSON.string) }
        members["version"] = version.map(JSON.string)
        members["cpus"] = cpus?.body
        members["memory"] = memory?.body
        members["gpus"] = gpus?.body
        let treated = Demand.allCases.compactMap { demand in
            demands[demand].map { (demand.rawValue, JSON.string($0.rawValue)) }
        }
        members["demands"] = .object(OrderedDictionary(uniqueKeysWithValues: treated))
        return .object(members)
    }
}

extension EngineCondition.Amount {
    fileprivate var body: JSON {
        var members: OrderedDictionary<String, JSON> = ["total": Self.json(total)]
        members["used"] = used.map(Self.json)
        return .object(members)
    }

    private static func json(_ value: Double) -> JSON {
        .number(Int(exactly: value).map { JSONNumber($0) } ?? JSONNumber(validText: "\(value)"))
    }
}

extension PoolFigures {
    fileprivate func body(on agent: Agent) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "service": .string(service),
            "concurrency": .number(JSONNumber(limits.slots(default: agent.limits.slots))),
            "running": .number(JSONNumber(running)),
            "waiting": .number(JSONNumber(waiting)),
            "queue": .number(JSONNumber(limits.queue)),
        ]
        if !engines.isEmpty {
            members["engines"] = .object(
                OrderedDictionary(uniqueKeysWithValues: engines.map { ($0.engine.rawValue, $0.body) })
            )
        }
        members["oldest_seconds"] = oldestWaiting.map {
            .number(JSONNumber(max(0, Int(agent.store.now.timeIntervalSince($0)))))
        }
        return .object(members)
    }
}

extension EnginePoolFigures {
    fileprivate var body: JSON {
        [
            "concurrency": .number(JSONNumber(concurrency)), "running": .number(JSONNumber(running)),
            "waiting": .number(JSONNumber(waiting)),
        ]
    }
}
