import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeWire
import OrderedCollections

/// The assets of an account.
enum AssetRoutes {
    static func add(to routes: Routes) {
        routes.get("/assets", .account) { call in
            let (caller, text) = (try call.account(), call.text("q"))
            return try await call.page("assets", id: \.row, body: { $0.body(on: call.agent) }) { cursor, limit in
                let before = cursor == 0 ? .max : cursor
                return try await call.agent.store.assets(of: caller.id, named: text, before: before, limit: limit)
            }
        }
    }
}

extension OwnAsset {
    fileprivate func body(on agent: Agent) -> JSON {
        var members: OrderedDictionary<String, JSON> = [
            "id": .string(asset.id.description), "did": .string(agent.did(of: asset.id).description),
        ]
        members["name"] = asset.facts.name.map(JSON.string)
        members["type"] = .string(asset.facts.type)
        if let content = asset.content {
            members["content_type"] = asset.facts.contentType.map(JSON.string)
            members["size"] = .number(JSONNumber(content.size))
        }
        members["created"] = JSON(time: createdAt)
        return .object(members)
    }
}
