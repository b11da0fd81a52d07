import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// Listings and purchases (dep.md §10, §14).
    @Suite struct MarketRoutesTests {
        private static let listings = "/api/v1/market/listings"
        private static let purchases = "/api/v1/market/purchases"

        @Test(.timeLimit(.minutes(5)))
        func aListingIsMadeUnpublishedAndPublishedByItsOwnerOnly() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let asset = try await client.asset(["name": "rows", "type": "dataset"], "abc", of: .provider)
                let made = try await client.ask(
                    .post,
                    Self.listings,
                    as: .provider,
                    json: ["assetid": .string(asset), "info": ["title": "Rows"]]
                )
                #expect(made.status == 200)
                let id = try made.string("id")
                let path = "\(Self.listings)/\(id)"
                #expect(made.word == "unpublished")
                #expect(made.json["assetid"] == .string(asset))
                #expect(made.json["info"] == ["title": "Rows"])
                #expect(made.json["trust_level"] == 0)
                #expect(try made.string("ctime").hasSuffix("Z"))

                // Unpublished, it is its owner's and the admins' alone.
                for caller in Caller.allCases {
                    let status = try await client.ask(.get, path, as: caller).status
                    #expect(status == (caller == .provider || caller == .admin ? 200 : 404), "\(caller)")
                }
                #expect(try await client.ask(.get, Self.listings).json == [])

                // Clients send the whole record back; what is not theirs to say is ignored.
                let text = made.text.replacingOccurrences(of: "unpublished", with: "published")
                let record = try JSON(parsing: text.replacingOccurrences(of: asset, with: id))
                let refused = try await client.ask(.put, path, as: .consumer, json: record)
                #expect(refused.status == 404)
                let published = try await client.ask(.put, path, as: .provider, json: record)
                #expect(published.status == 200)
                #expect(published.word == "published")
                #expect(published.json["assetid"] == .string(asset))
                #expect(published.json["ctime"] == made.json["ctime"])
                let foreign = try await client.ask(.put, path, as: .consumer, json: record)
                #expect(foreign.status == 403)

                for list in [Self.listings, Self.listings + "/", Self.listings + "?from=0&size=100"] {
                    let answer = try await client.ask(.get, list)
                    #expect(answer.json.array?.compactMap { $0["id"]?.string } == [id])
                }
                #expect(try await client.ask(.get, path).status == 200)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aUsersListingsAreFoundByIDAndNameAndWithoutTheQuestionMark() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                var ids: [String] = []
                for (name, status) in [("one", "unpublished"), ("two", "published"), ("three", "published")] {
                    let asset = try await client.asset(["name": .string(name)], of: .provider)
                    let body: JSON = ["assetID": .string(asset), "status": .string(status)]
                    ids.append(try await client.ask(.post, Self.listings, as: .provider, json: body).string("id"))
                }
                let user = try await client.ask(.get, "\(Self.listings)/\(ids[1])").string("userid")
                let paths = [
                    "\(Self.listings)?userid=\(user)", "\(Self.listings)?username=provider",
                    "\(Self.listings)/userid=\(user)", "\(Self.listings)/username=provider",
                ]
                for path in paths {
                    for caller in [Caller.provider, .admin] {
                        let found = try await client.ask(.get, path, as: caller).json.array?.compactMap {
                            $0["id"]?.string
                        }
                        #expect(found == ids.reversed(), "\(path)")
                    }
                    let found = try await client.ask(.get, path, as: .consumer).json.array?.compactMap {
                        $0["id"]?.string
                    }
                    #expect(found == [ids[2], ids[1]], "\(path)")
                }
                #expect(try await client.ask(.get, "\(Self.listings)?userid=nobody").json == [])
                let page = try await client.ask(.get, "\(Self.listings)?from=1&size=1")
                #expect(page.json.array?.compactMap { $0["id"]?.string } == [ids[1]])
                #expect(page.header("X-Ocean-From") == "1")
                #expect(page.header("X-Ocean-Size") == "1")
                for query in ["from=-1", "from=x", "size=0", "size=1001"] {
                    #expect(try await client.ask(.get, "\(Self.listings)?\(query)").errorcode == 8103)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aBadListingIsRefusedAndNotStored() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let asset = try await client.asset(["name": "rows"], of: .provider)
                let zeros = JSON.string(String(repeating: "0", count: 64))
                let id = JSON.string(asset)
                let cases: [(JSON, Set<String>)] = [
                    ([:], ["#/assetid"]), (["assetid": zeros], ["#/assetid"]), (["assetid": 5], ["#/assetid"]),
                    (
                        ["assetid": id, "info": "x", "status": "open", "trust_level": "high", "colour": 1],
                        ["#/info", "#/status", "#/trust_level", "#/colour"]
                    ),
                    (["assetid": id, "agreement": ["price": "free"]], ["#/agreement"]),
                    (["assetid": id, "agreement": ["price": "-1"]], ["#/agreement"]),
                    (["assetid": id, "agreement": ["price": 1, "uses": 0]], ["#/agreement"]),
                    (["assetid": id, "id": "short"], ["#/id"]),
                ]
                for (body, pointers) in cases {
                    let refused = try await client.ask(.post, Self.listings, as: .provider, json: body)
                    #expect(refused.status == 400, "\(body)")
                    #expect(refused.errorcode == 8101, "\(body)")
                    #expect(refused.pointers == pointers, "\(body)")
                }
                let foreign = try await client.ask(.post, Self.listings, as: .consumer, json: ["assetid": id])
                #expect(foreign.status == 403)
                #expect(try await client.ask(.get, "\(Self.listings)?username=provider", as: .admin).json == [])

                // A proposed id is used when it is free.
                let made = try await client.ask(.post, Self.listings, as: .provider, json: ["assetId": id, "id": id])
                #expect(made.json["id"] == id)
                let taken = try await client.ask(.post, Self.listings, as: .provider, json: ["assetid": id, "id": id])
                #expect(taken.status == 409)
                #expect(taken.errorcode == 8131)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAdminSuspendsAListingAndOnlyAnAdminLiftsIt() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let asset = try await client.asset(["name": "rows"], of: .provider)
                let body: JSON = ["assetid": .string(asset), "status": "published"]
                let id = try await client.ask(.post, Self.listings, as: .provider, json: body).string("id")
                let path = "\(Self.listings)/\(id)"
                let suspended: JSON = ["status": "suspended"]
                #expect(try await client.ask(.put, path, as: .provider, json: suspended).status == 403)
                #expect(try await client.ask(.put, path, as: .admin, json: suspended).word == "suspended")
                #expect(try await client.ask(.put, path, as: .provider, json: ["status": "published"]).status == 403)
                let info = try await client.ask(
                    .put,
                    path,
                    as: .provider,
                    json: ["info": ["a": 1], "status": "suspended"]
                )
                #expect(info.json["info"] == ["a": 1])
                let purchase = try await client.ask(
                    .post,
                    Self.purchases,
                    as: .consumer,
                    json: ["listingid": .string(id)]
                )
                #expect(purchase.status == 400)
                #expect(try await client.ask(.put, path, as: .admin, json: ["status": "published"]).status == 200)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPurchasesStatusIsTheBuyersAndItsPaymentIsTheSellers() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let asset = try await client.asset(["name": "rows"], "abc", of: .provider)
                let listing = try await client.ask(
                    .post,
                    Self.listings,
                    as: .provider,
                    json: [
                        "assetid": .string(asset), "status": "published", "agreement": ["price": "2", "currency": "X"],
                    ]
                ).string("id")
                let wish = try await client.ask(
                    .post,
                    Self.purchases,
                    as: .consumer,
                    json: ["listingid": .string(listing)]
                )
                #expect(wish.status == 200)
                #expect(wish.word == "wishlist")
                let order: JSON = ["listingid": .string(listing), "status": "ordered", "info": ["note": "soon"]]
                let ordered = try await client.ask(.post, Self.purchases, as: .consumer, json: order)
                #expect(ordered.word == "ordered")
                #expect(ordered.json["payment"] == "none")
                #expect(ordered.json["info"] == ["note": "soon"])
                #expect(ordered.json["agreement"]?["price"] == "2")
                let id = try ordered.string("id")
                let path = "\(Self.purchases)/\(id)"

                for (caller, status) in [(Caller.consumer, 200), (.provider, 200), (.admin, 200), (.other, 404)] {
                    let shown = try await client.ask(.get, path, as: caller)
                    #expect(shown.status == status, "\(caller)")
                    let list = try await client.ask(.get, Self.purchases, as: caller)
                    let isListed = list.json.array?.contains { $0["id"]?.string == id }
                    if caller != .admin { #expect(isListed == (status == 200), "\(caller)") }
                }

                // The whole record comes back with one word changed; a payment that has not changed is no change.
                let delivered = try JSON(parsing: ordered.text.replacingOccurrences(of: "ordered", with: "delivered"))
                #expect(try await client.ask(.put, path, as: .consumer, json: delivered).word == "delivered")
                for (caller, change, status) in [
                    (Caller.consumer, ["payment": "settled"], 403), (.other, ["payment": "settled"], 404),
                    (.other, ["status": "ordered"], 404), (.provider, ["status": "ordered"], 403),
                    (.consumer, ["payment": "paid"], 400), (.consumer, ["status": "mine"], 400),
                    (.consumer, ["listing": "x"], 400), (.provider, ["payment": "settled"], 200),
                    (.admin, ["payment": "refunded"], 200),
                ] as [(Caller, JSON, Int)] {
                    let answer = try await client.ask(.put, path, as: caller, json: change)
                    #expect(answer.status == status, "\(caller) \(change)")
                }
                #expect(try await client.ask(.get, path, as: .consumer).json["payment"] == "refunded")

                for body in [[:], ["listingid": .string(asset)], ["listingid": "x"], ["listingid": 5]] as [JSON] {
                    let refused = try await client.ask(.post, Self.purchases, as: .consumer, json: body)
                    #expect(refused.status == 400)
                    #expect(refused.pointers == ["#/listingid"])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPricedOperationRunsOncePerSettledPurchase() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let price: JSON = ["amount": "0.50", "currency": "OCEAN"]
                let service = Definition.service("shop", ["shout": Definition.shout(price: price)])
                let shout = try await client.register(service).id("shout")
                let inputs: JSON = ["text": "hi"]
                func invoke(_ token: String? = nil, as caller: Caller = .consumer) async throws -> Answer {
                    let headers = token.map { ["Purchase-Token": $0] } ?? [:]
                    return try await client.ask(.post, "/invoke/\(shout)", as: caller, json: inputs, headers: headers)
                }
                func expectUnpaid(_ answer: Answer, at place: SourceLocation = #_sourceLocation) {
                    #expect(answer.status == 400, sourceLocation: place)
                    #expect(answer.errorcode == 8003, sourceLocation: place)
                }
                expectUnpaid(try await invoke())
                expectUnpaid(try await invoke("abc"))
                // Who sells it does not buy it.
                #expect(try await invoke(as: .provider).word == "completed")

                let listing = try #require(try await client.ask(.get, Self.listings).json.array?.first?["id"])
                let order: JSON = ["listingid": listing, "status": "ordered"]
                let id = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                let path = "\(Self.purchases)/\(id)"
                expectUnpaid(try await invoke(id))
                let settled = try await client.ask(.put, path, as: .provider, json: ["payment": "settled"])
                #expect(settled.json["uses_left"] == 1)
                expectUnpaid(try await invoke(id, as: .other))

                #expect(try await invoke(id).json["result"] == ["loud": "HI!"])
                #expect(try await client.ask(.get, path, as: .consumer).json["uses_left"] == 0)
                expectUnpaid(try await invoke(id))
                expectUnpaid(try await invoke())

                // Without a token, a settled purchase of the caller is found; a refunded one is not.
                for (payment, isPaid) in [("settled", true), ("refunded", false), ("pending", false)] {
                    let id = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                    let change: JSON = ["payment": .string(payment)]
                    _ = try await client.ask(.put, "\(Self.purchases)/\(id)", as: .provider, json: change)
                    let answer = try await invoke(payment == "settled" ? nil : id)
                    if isPaid { #expect(answer.word == "completed") } else { expectUnpaid(answer) }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPriceHoldsFromTheMomentItIsListedUntilItIsTakenBack() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.service("shop", ["shout": Definition.shout()]))
                    .id("shout")
                func invoke() async throws -> Answer {
                    try await client.ask(.post, "/invoke/\(shout)", as: .consumer, json: ["text": "hi"])
                }
                // What is free has been looked up before it gets its price.
                #expect(try await invoke().word == "completed")
                let listing: JSON = [
                    "assetid": .string(shout), "status": "published", "agreement": ["price": 3, "currency": "OCEAN"],
                ]
                let listed = try await client.ask(.post, Self.listings, as: .provider, json: listing).string("id")
                #expect(try await invoke().errorcode == 8003)
                let path = "\(Self.listings)/\(listed)"
                _ = try await client.ask(.put, path, as: .provider, json: ["status": "unpublished"])
                #expect(try await invoke().word == "completed")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aFailedJobGivesItsUseBack() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let priced = Definition.operation("exit 1", price: ["amount": "1", "currency": "OCEAN"])
                let failing = try await client.register(Definition.service("shop", ["failing": priced])).id("failing")
                let listing = try #require(try await client.ask(.get, Self.listings).json.array?.first?["id"])
                let order: JSON = ["listingid": listing, "status": "ordered"]
                let id = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                let path = "\(Self.purchases)/\(id)"
                _ = try await client.ask(.put, path, as: .admin, json: ["payment": "settled"])
                let failed = try await client.ask(.post, "/invoke/\(failing)", as: .consumer, json: ["text": ""])
                #expect(failed.word == "error")
                #expect(try await client.ask(.get, path, as: .consumer).json["uses_left"] == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPricedAssetIsReadAndUsedByThoseWhoPaid() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let hash = try await client.register(Definition.everything).id("hash")
                let asset = try await client.asset(["name": "rows"], "abc", of: .provider)
                let listing: JSON = [
                    "assetid": .string(asset), "status": "published", "agreement": ["price": 3, "currency": "OCEAN"],
                ]
                let listed = try await client.ask(.post, Self.listings, as: .provider, json: listing).string("id")
                for caller in [Caller.consumer, .nobody] {
                    let read = try await client.ask(.get, "/api/v1/assets/\(asset)", as: caller)
                    #expect(read.status == 403)
                    #expect(read.errorcode == 8003)
                    #expect(read.json["error"]?["errorcode"] == 8003)
                }
                #expect(try await client.ask(.get, "/api/v1/meta/data/\(asset)").status == 200)
                func invoke(_ token: String?) async throws -> Answer {
                    let value: JSON = ["did": .string(asset), "purchasetoken": token.map(JSON.string) ?? .null]
                    return try await client.ask(.post, "/invoke/\(hash)", as: .consumer, json: ["to_hash": value])
                }
                let unpaid = try await invoke(nil)
                #expect(unpaid.status == 400)
                #expect(unpaid.errorcode == 8003)
                #expect(unpaid.pointers == ["#/to_hash"])

                let order: JSON = ["listingid": .string(listed), "status": "ordered"]
                let id = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                #expect(try await invoke(id).errorcode == 8003)
                _ = try await client.ask(.put, "\(Self.purchases)/\(id)", as: .provider, json: ["payment": "settled"])
                let paid = try await invoke(id)
                #expect(paid.word == "completed")
                #expect(!paid.text.contains(id))
                #expect(try await client.ask(.get, "/api/v1/assets/\(asset)", as: .consumer).text == "abc")
                #expect(try await client.ask(.get, "/api/v1/assets/\(asset)", as: .other).status == 403)
            }
        }
    }
}
