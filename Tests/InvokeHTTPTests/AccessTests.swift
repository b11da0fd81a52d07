import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeAgent
import InvokeHTTP
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// Who may call what (reliability promises E3, S1; T-BOLA).
    @Suite struct AccessTests {
        /// Every route there is, and the methods that need no credentials: a new route has to be put down here.
        private static let routes: [String: (open: Set<String>, closed: Set<String>)] = [
            "/health": (["GET", "HEAD"], []),
            "/ready": (["GET", "HEAD"], []),
            "/metrics": ([], ["GET", "HEAD"]),
            "/rates": ([], ["GET", "HEAD"]),
            "/pools": ([], ["GET", "HEAD"]),
            "/engines": ([], ["GET", "HEAD"]),
            "/configuration": ([], ["GET", "HEAD"]),
            "/openapi.json": (["GET", "HEAD"], []),
            "/schemas/service-definition.schema.json": (["GET", "HEAD"], []),
            "/accounts": ([], ["GET", "HEAD", "POST"]),
            "/accounts/{name}": ([], ["DELETE", "GET", "HEAD"]),
            "/accounts/{name}/password": ([], ["PUT"]),
            "/session": (["DELETE", "POST"], ["GET", "HEAD"]),
            "/webhooks/secret": ([], ["POST"]),
            "/webhooks": ([], ["GET", "HEAD", "POST"]),
            "/webhooks/{id}": ([], ["DELETE", "GET", "HEAD"]),
            "/webhooks/{id}/test": ([], ["POST"]),
            "/webhooks/{id}/rotate": ([], ["POST"]),
            "/webhooks/{id}/enable": ([], ["POST"]),
            "/webhooks/{id}/replay": ([], ["POST"]),
            "/webhooks/{id}/deliveries": ([], ["GET", "HEAD"]),
            "/services": (["GET", "HEAD"], ["POST"]),
            "/services/{name}": (["GET", "HEAD"], ["PUT", "DELETE"]),
            "/services/{name}/definition": ([], ["GET", "HEAD"]),
            "/operations": (["GET", "HEAD"], []),
            "/operations/{id}": (["GET", "HEAD"], []),
            "/operations/{id}/{asset}": (["GET", "HEAD"], []),
            "/invoke/{id}": ([], ["POST"]),
            "/invoke/{id}/{asset}": ([], ["POST"]),
            "/invokeasync/{id}": ([], ["POST"]),
            "/invokeasync/{id}/{asset}": ([], ["POST"]),
            "/jobs/result/{id}": ([], ["GET", "HEAD"]),
            "/jobs": ([], ["GET", "HEAD"]),
            "/jobs/{id}": ([], ["DELETE", "GET", "HEAD"]),
            "/jobs/{id}/retry": ([], ["POST"]),
            "/jobs/{id}/logs": ([], ["GET", "HEAD"]),
            "/jobs/{id}/deliveries": ([], ["GET", "HEAD"]),
            "/jobs/{id}/events": ([], ["GET", "HEAD"]),
            "/events": ([], ["GET", "HEAD"]),
            "/jobs/{id}/cancel": ([], ["POST"]),
            "/jobs/{id}/provenance": ([], ["GET", "HEAD"]),
            "/jobs/{id}/inputs/{name}": (["GET", "HEAD"], []),
            "/jobs/{id}/complete": ([], ["POST"]),
            "/api/v1/invoke/sync/{id}": ([], ["POST"]),
            "/api/v1/invoke/sync/{id}/{asset}": ([], ["POST"]),
            "/api/v1/invoke/async/{id}": ([], ["POST"]),
            "/api/v1/invoke/async/{id}/{asset}": ([], ["POST"]),
            "/api/v1/invoke/jobs/{id}": ([], ["GET", "HEAD"]),
            "/api/v1/auth/token": ([], ["GET", "HEAD", "POST"]),
            "/api/v1/auth/revoke/{token}": ([], ["DELETE", "POST"]),
            "/api/v1/meta/data": (["GET", "HEAD"], ["POST"]),
            "/api/v1/meta/data/{id}": (["GET", "HEAD"], ["PUT"]),
            "/api/v1/meta/data/{id}/{asset}": (["GET", "HEAD"], ["PUT"]),
            "/api/v1/meta/data/{id}/provenance": (["GET", "HEAD"], []),
            "/api/v1/meta/data/{id}/{asset}/provenance": (["GET", "HEAD"], []),
            "/api/v1/meta/index": (["GET", "HEAD"], []),
            "/assets": ([], ["GET", "HEAD"]),
            "/api/v1/assets/{id}": (["GET", "HEAD"], ["DELETE", "POST", "PUT"]),
            "/api/v1/assets/{id}/{asset}": (["GET", "HEAD"], ["DELETE", "POST", "PUT"]),
            "/api/v1/market/listings": (["GET", "HEAD"], ["POST"]),
            "/api/v1/market/listings/{id}": (["GET", "HEAD"], ["PUT"]),
            "/api/v1/market/purchases": ([], ["GET", "HEAD", "POST"]),
            "/api/v1/market/purchases/{id}": ([], ["GET", "HEAD", "PUT"]),
            "/api/ddo": (["GET", "HEAD"], []),
            "/api/status": (["GET", "HEAD"], []),
            "/api/v1/collection/index": ([], ["GET", "HEAD"]),
            "/api/v1/collection/data": ([], ["GET", "HEAD"]),
            "/api/v1/collection/data/{name}": ([], ["GET", "HEAD"]),
            "/api/v1/collection/data/{name}/add": ([], ["POST"]),
            "/api/v1/collection/data/{name}/remove": ([], ["POST"]),
            "/api/v1/trust/groups": ([], ["GET", "HEAD"]),
            "/system/services": ([], ["GET", "HEAD", "POST", "PUT"]),
            "/system/services/{name}": ([], ["DELETE", "GET", "HEAD"]),
            "/system/services/{name}/deployment": ([], ["GET", "HEAD"]),
            "/system/services/{name}/deployment/logs": ([], ["GET", "HEAD"]),
            "/system/logs/{name}": ([], ["DELETE", "GET", "HEAD"]),
            "/system/logs/{name}/{job}": ([], ["DELETE", "GET", "HEAD"]),
            "/system/info": ([], ["GET", "HEAD"]),
            "/system/config": ([], ["GET", "HEAD"]),
            "/run/{name}": ([], ["POST"]),
            "/job/{name}": ([], ["POST"]),
            "/api/v1/market/users": ([], ["GET", "HEAD"]),
            "/api/v1/market/users/{id}": ([], ["GET", "HEAD"]),
            "/system/status": ([], ["GET", "HEAD"]),
            "/system/logs": ([], ["GET", "HEAD"]),
            "/system/metrics": ([], ["GET", "HEAD"]),
            "/system/metrics/breakdown": ([], ["GET", "HEAD"]),
            "/system/metrics/{name}": ([], ["GET", "HEAD"]),
            "/system/buckets": ([], ["GET", "HEAD", "POST", "PUT"]),
            "/system/buckets/{name}": ([], ["DELETE", "GET", "HEAD"]),
            "/system/buckets/{name}/presign": ([], ["POST"]),
        ]

        private static let alwaysOpen: Set = [
            "/health", "/ready", "/openapi.json", "/schemas/service-definition.schema.json", "/api/ddo", "/api/status",
            "/jobs/{id}/inputs/{name}", "/session",
        ]

        /// Open to pages of the agent's own, as a browser tells of them; not to this test.
        private static let ownPagesOnly: Set = ["/session"]

        private static func path(_ route: String) -> String {
            let zeros = String(repeating: "0", count: 64)
            let id = route.contains("{asset}") ? "did:dep:\(zeros)" : zeros
            return route.replacingOccurrences(of: "{name}", with: "x").replacingOccurrences(of: "{id}", with: id)
                .replacingOccurrences(of: "{asset}", with: zeros).replacingOccurrences(of: "{token}", with: zeros)
                .replacingOccurrences(of: "{job}", with: "x-1")
        }

        @Test(.timeLimit(.minutes(5)))
        func everyRouteIsOpenOrClosedAsDecided() async throws {
            var limits = AgentLimits()
            limits.wrongPasswords = 0
            let test = try await TestAgent(limits: limits)
            let router = try Server(agent: test.agent, profile: test.profile, sandboxProblem: nil).router()
            let registered = router.routes.map { (path: "\($0.path)", method: $0.method) }
            #expect(Set(registered.map(\.path)) == Set(Self.routes.keys))
            try await test.run { client in
                for (route, method) in registered {
                    guard let (open, closed) = Self.routes[route] else { continue }
                    let bare = try await client.ask(method, Self.path(route))
                    let wrong = ["Authorization": Caller.basic("consumer", "wrong-password")]
                    let mistaken = try await client.ask(method, Self.path(route), headers: wrong)
                    let place = Comment("\(method) \(route)")
                    if open.contains(method.rawValue) {
                        #expect((Self.ownPagesOnly.contains(route) ? [403] : [200, 404]).contains(bare.status), place)
                        // What tells no secrets takes no offence at credentials.
                        #expect(mistaken.status == (Self.alwaysOpen.contains(route) ? bare.status : 401), place)
                    } else if closed.contains(method.rawValue) {
                        #expect(bare.status == 401, place)
                        #expect(mistaken.status == 401, place)
                    } else {
                        for answer in [bare, mistaken] {
                            #expect(answer.status == 405, place)
                            let allowed = answer.header("Allow")?.components(separatedBy: ", ") ?? []
                            #expect(Set(allowed) == open.union(closed), place)
                        }
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPrivateCatalogueIsForThoseWithAnAccount() async throws {
            var limits = AgentLimits()
            limits.isCataloguePublic = false
            let test = try await TestAgent(limits: limits)
            try await test.run { client in
                for (route, (open, _)) in Self.routes {
                    guard open.contains("GET") else { continue }
                    let isOpen = Self.alwaysOpen.contains(route)
                    let bare = try await client.ask(.get, Self.path(route))
                    #expect(isOpen ? [200, 404].contains(bare.status) : bare.status == 401, "\(route)")
                    let known = try await client.ask(.get, Self.path(route), as: .consumer)
                    #expect([200, 404].contains(known.status), "\(route)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func somebodyElsesJobIsAnUnknownJob() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let job = try await client.start(shout, ["text": "hi"])
                #expect(try await client.result(of: job).word == "completed")
                let calls: [(HTTPRequest.Method, String, Int)] = [
                    (.get, "/jobs/result/", 200), (.get, "/jobs/", 200), (.get, "/logs", 200),
                    (.get, "/provenance", 200), (.post, "/cancel", 409),
                ]
                for (method, route, expected) in calls {
                    func ask(_ id: String, _ caller: Caller) async throws -> Answer {
                        let path = route.hasSuffix("/") ? route + id : "/jobs/\(id)\(route)"
                        return try await client.ask(method, path, as: caller)
                    }
                    for caller in [Caller.admin, .provider, .consumer] {
                        #expect(try await ask(job, caller).status == expected, "\(caller) \(route)")
                    }
                    let foreign = try await ask(job, .other)
                    let unknown = try await ask("1", .other)
                    #expect(foreign.errorcode == 8001)
                    #expect(foreign.status == unknown.status)
                    #expect(foreign.headers.map(\.name) == unknown.headers.map(\.name))
                    #expect(
                        foreign.comparable(without: "\"\(job)\\\"") == unknown.comparable(without: "\"1\\\""),
                        "\(route)"
                    )
                }
                // Nothing that was refused has changed the job.
                #expect(try await client.result(of: job).word == "completed")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPrivateAssetIsAnUnknownAssetToOthers() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let (id, hash) = try await client.privateAsset()
                let zeros = String(repeating: "0", count: 64)
                for caller in Caller.allCases {
                    let isSeen = [.admin, .consumer].contains(caller)
                    for path in ["/api/v1/meta/data/", "/api/v1/assets/"] {
                        let found = try await client.ask(.get, path + id, as: caller)
                        #expect(found.status == (isSeen ? 200 : 404), "\(caller) \(path)")
                        guard !isSeen else { continue }
                        let unknown = try await client.ask(.get, path + zeros, as: caller)
                        #expect(found.comparable(without: id) == unknown.comparable(without: zeros))
                    }
                    for path in ["/api/v1/meta/data", "/api/v1/meta/index", "/api/v1/meta/data?type=dataset"] {
                        let list = try await client.ask(.get, path, as: caller)
                        #expect(list.text.contains(id) == isSeen, "\(caller) \(path)")
                    }
                    guard caller != .nobody else { continue }
                    let used = try await client.ask(
                        .post,
                        "/invoke/\(hash)",
                        as: caller,
                        json: ["to_hash": ["did": .string(id)]]
                    )
                    #expect(used.errorcode == (isSeen ? nil : 8004), "\(caller)")
                    let body: JSON = ["assetid": .string(id)]
                    let listed = try await client.ask(.post, "/api/v1/market/listings", as: caller, json: body)
                    #expect(listed.status == (isSeen ? 200 : 400), "\(caller)")
                    let put = try await client.ask(.put, "/api/v1/assets/\(id)", as: caller, body: [1, 2, 3])
                    #expect(put.status == (isSeen ? 400 : 404), "\(caller)")
                }
            }
        }
    }
}
