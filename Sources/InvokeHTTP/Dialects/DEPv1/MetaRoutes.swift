import Foundation
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeStore
import OrderedCollections

/// Metadata by the hash of its bytes (DEP-15). The content type of a request means nothing here: clients differ.
enum MetaRoutes {
    /// The longest metadata, in bytes.
    private static let maximumBytes = 1 << 20

    static func add(to routes: Routes) {
        routes.post("/api/v1/meta/data") { call in
            let caller = try call.account()
            let registered = try await call.agent.register(
                metadata: try await call.body(limit: maximumBytes),
                by: caller
            )
            return Response(json: .string(registered.id.description))
        }
        for path in ["/api/v1/meta/data/{id}", "/api/v1/meta/data/{id}/{asset}"] {
            routes.get(path, .catalogue) { call in
                let metadata = try await call.agent.metadata(of: call.reference, for: call.caller)
                return Response(bytes: metadata, contentType: "application/json")
            }
            routes.put(path, use: put)
            routes.get(path + "/provenance", .catalogue, use: provenance)
        }
        routes.get("/api/v1/meta/data", .catalogue) { call in
            try await page(call, of: "/api/v1/meta/data", includingMetadata: false) { assets in
                JSON.array(assets.map { .string($0.id.description) }).bytes()
            }
        }
        routes.get("/api/v1/meta/index", .catalogue) { call in
            try await page(call, of: "/api/v1/meta/index", includingMetadata: true) { assets in
                // The metadata goes out as it came in, so it is spliced, not parsed and written again.
                var bytes = Array("{".utf8)
                for (index, asset) in assets.enumerated() {
                    bytes.append(contentsOf: "\(index == 0 ? "" : ",")\"\(asset.id)\":".utf8)
                    bytes.append(contentsOf: asset.metadata)
                }
                bytes.append(UInt8(ascii: "}"))
                return bytes
            }
        }
    }

    @Sendable private static func put(_ call: Call) async throws -> Response {
        let caller = try call.account()
        guard let id = DID.localAsset(call.reference, on: call.agent.id) else {
            throw Refusal(.invalidParameter, "\"\(call.reference.prefix(80))\" is not an asset id.")
        }
        let metadata = try await call.body(limit: maximumBytes)
        let (registered, isNew) = try await call.agent.register(metadata: metadata, as: id, by: caller)
        var response = Response(json: .string(registered.description), status: isNew ? .created : .ok)
        if isNew { response.headers[.location] = "/api/v1/meta/data/\(registered)" }
        return response
    }

    @Sendable private static func provenance(_ call: Call) async throws -> Response {
        let cursor = try call.cursor()
        let walk = ProvenanceWalk(
            direction: try direction(call),
            depth: try call.number("depth", in: 1...100, default: 10),
            after: cursor > 0 ? cursor : nil,
            limit: try call.number("limit", in: 1...1000, default: 200)
        )
        let (asset, document, next) = try await call.agent.provenance(of: call.reference, walk, for: call.caller)
        var response = Response(json: document)
        if let next {
            response.linkNext(
                "/api/v1/meta/data/\(asset)/provenance?direction=\(walk.direction.rawValue)&depth=\(walk.depth)"
                    + "&limit=\(walk.limit)",
                cursor: next
            )
        }
        return response
    }

    private static func direction(_ call: Call) throws -> ProvenanceWalk.Direction {
        guard let text = call.query("direction") else { return .up }
        guard let direction = ProvenanceWalk.Direction(rawValue: text) else {
            throw Refusal(
                .invalidParameter,
                "`direction` is `up` (to what the asset was made of) or `down` (to what was made of it)."
            )
        }
        return direction
    }

    /// What stands for itself in a query (RFC 3986, section 2.3).
    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    )

    /// One page of the assets that the caller asks for; the clients that read these lists know no cursor in them.
    private static func page(
        _ call: Call,
        of path: String,
        includingMetadata includesMetadata: Bool,
        body: ([ListedAsset]) -> [UInt8]
    ) async throws -> Response {
        let (cursor, limit) = (try call.cursor(), try call.number("limit", in: 1...100_000, default: 10_000))
        let (type, name) = (call.query("type"), call.query("name"))
        let filter = AssetFilter(
            type: type,
            name: name,
            before: cursor > 0 ? cursor : nil,
            limit: limit,
            includesMetadata: includesMetadata
        )
        let page = try await call.agent.assets(filter, for: call.caller)
        var response = Response(bytes: body(page.assets), contentType: "application/json")
        if page.hasMore, let last = page.assets.last {
            let filters = [("type", type), ("name", name)].compactMap { name, value in
                value?.addingPercentEncoding(withAllowedCharacters: unreserved).map { "&\(name)=\($0)" }
            }
            response.linkNext("\(path)?limit=\(limit)\(filters.joined())", cursor: last.row)
        }
        return response
    }
}
