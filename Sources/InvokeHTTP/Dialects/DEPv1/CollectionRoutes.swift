import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import OrderedCollections

/// Named lists of assets, each account's own, as the Python client keeps them (dep.md §11).
enum CollectionRoutes {
    static func add(to routes: Routes) {
        for path in ["/api/v1/collection/index", "/api/v1/collection/data"] {
            routes.get(path, .account) { call in
                let collections = try await call.agent.collections(of: try call.account())
                return Response(json: .object(collections.mapValues(JSON.init(items:))))
            }
        }
        routes.get("/api/v1/collection/data/{name}", .account) { call in
            let items = try await call.agent.collection(call.parameter("name"), of: try call.account())
            return Response(json: JSON(items: items))
        }
        routes.post("/api/v1/collection/data/{name}/add") { call in
            let (caller, items) = (try call.account(), try await call.items())
            return Response(json: JSON(items: try await call.agent.add(items, to: call.parameter("name"), of: caller)))
        }
        routes.post("/api/v1/collection/data/{name}/remove") { call in
            let (caller, items) = (try call.account(), try await call.items())
            let removed = try await call.agent.remove(items, from: call.parameter("name"), of: caller)
            return Response(json: JSON(items: removed))
        }
    }
}

extension Call {
    /// The body: a list of asset ids, each in any of its spellings.
    /// - Throws: `invalidInput` naming every one that is none.
    fileprivate func items() async throws -> [CollectionItem] {
        let body = try await json()
        guard let list = body.array else {
            throw Refusal(.invalidInput, [Violation("#", "must be a list of asset ids, not \(body.noun)")])
        }
        let items = list.map { element in
            element.string.flatMap { text in
                DID.localAsset(text, on: agent.id).map { CollectionItem(asset: $0, spelling: text) }
            }
        }
        let violations = items.enumerated().filter { $0.element == nil }.map {
            Violation("#/\($0.offset)", "must be an asset id: 64 hexadecimal digits, or the DID of an asset here")
        }
        guard violations.isEmpty else { throw Refusal(.invalidInput, violations) }
        return items.compactMap(\.self)
    }
}

extension JSON {
    fileprivate init(items: [CollectionItem]) { self = .array(items.map { .string($0.spelling) }) }
}
