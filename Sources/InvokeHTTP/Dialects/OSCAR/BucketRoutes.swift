import Foundation
import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWire
import OrderedCollections

/// Buckets of the object store, as OSCAR manages them (oscar.md §11). What is in them is reached by S3.
struct BucketRoutes: Sendable {
    private let profile: AgentProfile

    init(_ profile: AgentProfile) { self.profile = profile }

    func add(to routes: Routes) {
        routes.get("/system/buckets", .account, answers: []) { call in
            let buckets = try await call.agent.buckets(for: try call.account())
            return Response(oscar: .array(buckets.map { JSON.object($0.members) }))
        }
        routes.post("/system/buckets", answers: []) { call in
            let (caller, body) = (try call.account(), try await BucketBody(call))
            let access = BucketAccess(visibility: body.visibility ?? .private, allowedUsers: body.allowedUsers ?? [])
            try await call.agent.createBucket(named: body.name, access, by: caller)
            return Response(status: .created, headers: [.location: "/system/buckets/\(body.name)"])
        }
        routes.put("/system/buckets", answers: []) { call in
            let (caller, body) = (try call.account(), try await BucketBody(call))
            let bucket = try await call.agent.ownBucket(named: body.name, of: caller)
            var access = bucket.access
            access.visibility = body.visibility ?? access.visibility
            access.allowedUsers = body.allowedUsers ?? access.allowedUsers
            try await call.agent.store.change(bucket, to: access)
            return Response(status: .noContent)
        }
        routes.get("/system/buckets/{name}", .account, answers: []) { call in
            let bucket = try await call.agent.bucket(named: call.parameter("name"), for: try call.account())
            return Response(oscar: .object(try await Self.page(of: bucket, call)))
        }
        routes.delete("/system/buckets/{name}") { call in
            try await call.agent.removeBucket(named: call.parameter("name"), by: try call.account())
            return Response(status: .noContent)
        }
        routes.post("/system/buckets/{name}/presign", answers: []) { [profile] call in
            try await Self.presign(call, profile)
        }
    }

    private static func page(of bucket: Bucket, _ call: Call) async throws -> OrderedDictionary<String, JSON> {
        let limit = try call.number("limit", in: 1...1000, default: 70)
        var filter = ObjectFilter(limit: limit)
        if let page = call.query("page"), !page.isEmpty {
            guard let place = Data(base64Encoded: page).flatMap({ String(validating: $0, as: UTF8.self) }) else {
                throw Refusal(.invalidParameter, "`page` must be what `next_page` was.")
            }
            filter.after = place
        }
        let page = try await call.agent.store.objects(in: bucket, filter)
        var members = bucket.members
        members["objects"] = .array(
            page.objects.map { object in
                [
                    "object_name": .string(object.key), "size_bytes": .number(JSONNumber(object.content.size)),
                    "last_modified": JSON(time: object.modifiedAt),
                ]
            }
        )
        members["next_page"] = page.next.map { .string(Data($0.utf8).base64EncodedString()) }
        members["is_truncated"] = .bool(page.next != nil)
        members["returned_items"] = .number(JSONNumber(page.objects.count))
        return members
    }

    private static func presign(_ call: Call, _ profile: AgentProfile) async throws -> Response {
        let caller = try call.account()
        let order = try PresignOrder(try await LooseMembers(call))
        let name = call.parameter("name")
        let bucket =
            order.isUpload
            ? try await call.agent.ownBucket(named: name, of: caller)
            : try await call.agent.bucket(named: name, for: caller)
        let (now, method) = (Date(), order.isUpload ? "PUT" : "GET")
        let url = call.agent.presigned(
            method,
            order.key,
            in: bucket,
            // The host is signed, so it has to be the one that the caller uses.
            at: (profile.url().hasPrefix("https:") ? "https" : "http", call.request.head.authority ?? ""),
            headers: Dictionary(uniqueKeysWithValues: order.headers.map { ($0.key, $0.value) }),
            lifetime: order.lifetime,
            now: now
        )
        var members: OrderedDictionary<String, JSON> = [
            "object_key": .string(order.key), "operation": .string(order.isUpload ? "upload" : "download"),
            "method": .string(method), "url": .string(url),
            "expires_at": JSON(time: now + TimeInterval(order.lifetime)),
        ]
        if !order.headers.isEmpty { members["headers"] = .object(order.headers.mapValues(JSON.string)) }
        return Response(oscar: .object(members))
    }
}

extension Bucket {
    /// Name and visibility come first, side by side: clients look for that very text (oscar.md W2).
    fileprivate var members: OrderedDictionary<String, JSON> {
        let owner = JSON.string(owner?.username ?? "oscar")
        return [
            "bucket_name": .string(name),
            "visibility": .string(access.visibility.rawValue),
            "allowed_users": .array(access.allowedUsers.map(JSON.string)),
            "owner": owner,
            "metadata": ["owner_name": owner, "from_service": .string(service ?? "")],
        ]
    }
}
