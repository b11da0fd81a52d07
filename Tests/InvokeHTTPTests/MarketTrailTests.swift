import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// A purchase from its offer to its end, as buyer and seller see it (dep.md §10, §14).
    @Suite struct MarketTrailTests {
        private static let listings = "/api/v1/market/listings"
        private static let purchases = "/api/v1/market/purchases"
        private static let users = "/api/v1/market/users"
        private static let price: JSON = ["price": "2", "currency": "OCEAN"]

        /// What the seller is told of a purchase: its status and its payment, from the list and from the purchase itself,
        /// and the jobs it has paid for.
        private static func told(
            _ client: some TestClientProtocol,
            _ id: String,
            at place: SourceLocation = #_sourceLocation
        ) async throws -> String {
            let list = try await client.ask(.get, purchases, as: .provider).json.array ?? []
            var own = try await client.ask(.get, "\(purchases)/\(id)", as: .provider).json.object ?? [:]
            let uses = own.removeValue(forKey: "uses")?.array?.map { $0["status"]?.string ?? "" } ?? ["not told"]
            #expect(list.filter { $0["id"] == .string(id) } == [.object(own)], sourceLocation: place)
            let words = [own["status"]?.string, own["payment"]?.string].compactMap(\.self) + uses
            return words.joined(separator: " ")
        }

        @Test(.timeLimit(.minutes(5)))
        func aPurchaseIsSeenByItsSellerFromTheOrderToTheRefund() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let offer: JSON = ["assetid": .string(shout), "agreement": Self.price]
                let listing = try await client.ask(.post, Self.listings, as: .provider, json: offer).string("id")
                let order: JSON = ["listingid": .string(listing), "status": "ordered"]
                // What is not offered yet can't be bought.
                #expect(try await client.ask(.post, Self.purchases, as: .consumer, json: order).status == 400)
                let published: JSON = ["status": "published"]
                _ = try await client.ask(.put, "\(Self.listings)/\(listing)", as: .provider, json: published)
                let bought = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                func invoke(_ token: String?) async throws -> Answer {
                    let headers = token.map { ["Purchase-Token": $0] } ?? [:]
                    return try await client.ask(
                        .post,
                        "/invoke/\(shout)",
                        as: .consumer,
                        json: ["text": "hi"],
                        headers: headers
                    )
                }
                func pay(_ payment: JSON) async throws {
                    let path = "\(Self.purchases)/\(bought)"
                    let answer = try await client.ask(.put, path, as: .provider, json: ["payment": payment])
                    #expect(answer.status == 200)
                }
                #expect(try await Self.told(client, bought) == "ordered none")
                #expect(try await invoke(bought).errorcode == 8003)
                try await pay("settled")
                #expect(try await Self.told(client, bought) == "ordered settled")
                #expect(try await invoke(bought).word == "completed")
                #expect(try await invoke(nil).word == "completed")
                #expect(try await Self.told(client, bought) == "ordered settled succeeded succeeded")
                try await pay("refunded")
                #expect(try await Self.told(client, bought) == "ordered refunded succeeded succeeded")
                #expect(try await invoke(bought).errorcode == 8003)
                #expect(try await invoke(nil).errorcode == 8003)
                #expect(try await client.ask(.get, Self.purchases, as: .other).json == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aJobThatRunsWhenItsPurchaseIsRefundedEndsWell() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let content = try await client.asset(["name": "letters"], "abc", of: .consumer)
                let operation = Definition.operation(
                    #"echo begun >&2; sleep 2; cat "$INVOKE_INPUT_PART" > "$INVOKE_OUTPUT_DIR/out""#,
                    inputs: ["part": ["type": "asset"]],
                    price: ["amount": "1", "currency": "OCEAN"]
                )
                let copy = try await client.register(Definition.service("copy", ["copy": operation])).id("copy")
                let listing = try #require(try await client.ask(.get, Self.listings).json.array?.first?["id"])
                let order: JSON = ["listingid": listing, "status": "ordered"]
                let id = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                let path = "\(Self.purchases)/\(id)"
                _ = try await client.ask(.put, path, as: .provider, json: ["payment": "settled"])
                let job = try await client.start(copy, ["part": ["did": .string(content)]])
                try await eventually {
                    try await client.ask(.get, "/jobs/\(job)/logs", as: .consumer).text == "begun\n"
                }
                _ = try await client.ask(.put, path, as: .provider, json: ["payment": "refunded"])
                #expect(try await client.result(of: job).json["result"]?["out"] == "abc")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aSuspendedListingSellsNothingMoreAndTakesNothingBack() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                // What a job made is its owner's alone until he offers it.
                let (made, hash) = try await client.privateAsset()
                let offer: JSON = ["assetid": .string(made), "status": "published", "agreement": Self.price]
                let listing = try await client.ask(.post, Self.listings, as: .consumer, json: offer).string("id")
                let order: JSON = ["listingid": .string(listing), "status": "ordered"]
                let id = try await client.ask(.post, Self.purchases, as: .other, json: order).string("id")
                let settled: JSON = ["payment": "settled"]
                _ = try await client.ask(.put, "\(Self.purchases)/\(id)", as: .consumer, json: settled)
                #expect(try await client.ask(.get, "/api/v1/assets/\(made)", as: .provider).errorcode == 8003)

                let path = "\(Self.listings)/\(listing)"
                #expect(try await client.ask(.put, path, as: .admin, json: ["status": "suspended"]).status == 200)
                #expect(try await client.ask(.post, Self.purchases, as: .provider, json: order).status == 400)
                #expect(try await client.ask(.get, "/api/v1/assets/\(made)", as: .provider).status == 404)
                #expect(try await client.ask(.get, "/api/v1/assets/\(made)", as: .other).status == 200)
                let used = try await client.ask(
                    .post,
                    "/invoke/\(hash)",
                    as: .other,
                    json: ["to_hash": ["did": .string(made)]]
                )
                #expect(used.word == "completed")
                for seller in [Caller.consumer, .other] {
                    #expect(try await client.ask(.get, "\(Self.purchases)/\(id)", as: seller).status == 200)
                }
            }
        }

        /// What is told of a listing in its purchase, the same in each answer that has the purchase.
        private static func tellsOfListing(
            _ client: some TestClientProtocol,
            _ id: String,
            to caller: Caller,
            at place: SourceLocation = #_sourceLocation
        ) async throws -> [String: JSON] {
            let path = "\(purchases)/\(id)"
            let list = try await client.ask(.get, purchases, as: caller).json.array ?? []
            let one = try await client.ask(.get, path, as: caller).json.object ?? [:]
            let changed = try await client.ask(.put, path, as: caller, json: [:]).json.object ?? [:]
            let names: Set = [
                "assetid", "asset_name", "asset_type", "listing_status", "sellerid", "seller_name", "username",
            ]
            let told = [list.first { $0["id"] == .string(id) }?.object, one, changed].compactMap(\.self).map { body in
                Dictionary(uniqueKeysWithValues: body.filter { names.contains($0.key) }.map { ($0, $1) })
            }
            // Admins find the purchases of others by their ids only.
            #expect(told.count == (caller == .admin ? 2 : 3), sourceLocation: place)
            #expect(Set(told).count == 1, sourceLocation: place)
            return told[0]
        }

        @Test(.timeLimit(.minutes(5)))
        func aPurchaseTellsOfItsListingWhatItsReaderMaySee() async throws {
            let test = try await TestAgent()
            let (seller, buyer) = (try await test.account("provider"), try await test.account("consumer"))
            let open = try #require(try await test.publish("rows", by: "provider").asset)
            let hidden = try #require(try await test.keepPrivate("secrets", of: "provider").asset)
            try await test.run { client in
                let user = JSON.string(seller.publicID.description)
                for (asset, isPrivate) in [(open, false), (hidden, true)] {
                    let id = JSON.string(asset.description)
                    let offer: JSON = ["assetid": id, "status": "published", "agreement": Self.price]
                    let listing = try await client.ask(.post, Self.listings, as: .provider, json: offer).string("id")
                    let order: JSON = ["listingid": .string(listing), "status": "ordered"]
                    let made = try await client.ask(.post, Self.purchases, as: .consumer, json: order)
                    #expect(made.json["userid"]?.string == buyer.publicID.description)
                    #expect(made.json["asset_type"] == "dataset" && made.json["seller_name"] == nil)
                    let bought = try made.string("id")

                    var seen: [String: JSON] = ["asset_type": "dataset"]
                    if !isPrivate { seen["asset_name"] = "text of provider" }
                    let names: [String: JSON] = ["username": "consumer", "seller_name": "provider"]
                    func expect(
                        _ caller: Caller,
                        _ status: JSON?,
                        _ more: [String: JSON],
                        at place: SourceLocation = #_sourceLocation
                    ) async throws {
                        var all = more
                        (all["assetid"], all["sellerid"], all["listing_status"]) = (id, user, status)
                        let told = try await Self.tellsOfListing(client, bought, to: caller, at: place)
                        #expect(told == all, sourceLocation: place)
                    }
                    let seenAndNames = seen.merging(names) { _, new in new }
                    for caller in [Caller.consumer, .provider] { try await expect(caller, "published", seen) }
                    try await expect(.admin, "published", seenAndNames)

                    let withdrawn: JSON = ["status": "unpublished"]
                    _ = try await client.ask(.put, "\(Self.listings)/\(listing)", as: .provider, json: withdrawn)
                    try await expect(.consumer, nil, isPrivate ? [:] : seen)
                    try await expect(.provider, "unpublished", seen)
                    try await expect(.admin, "unpublished", seenAndNames)

                    // Who has paid sees what he bought.
                    let settled: JSON = ["payment": "settled"]
                    _ = try await client.ask(.put, "\(Self.purchases)/\(bought)", as: .provider, json: settled)
                    try await expect(.consumer, nil, seen)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPurchaseIsTakenBackWithAllThatIsToldInIt() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let asset = try await client.asset(["name": "rows"], of: .provider)
                let offer: JSON = ["assetid": .string(asset), "status": "published"]
                let listing = try await client.ask(.post, Self.listings, as: .provider, json: offer).string("id")
                let order: JSON = ["listingid": .string(listing), "status": "ordered"]
                let bought = try await client.ask(.post, Self.purchases, as: .consumer, json: order).string("id")
                let path = "\(Self.purchases)/\(bought)"
                let record = try await client.ask(.get, path, as: .admin).json
                #expect(record["seller_name"] == "provider")
                #expect(try await client.ask(.put, path, as: .admin, json: record).status == 200)
                var others = record.object ?? [:]
                for name in ["sellerid", "seller_name", "listing_status", "asset_name"] { others[name] = "another" }
                for name in ["id", "payment"] { others[name] = nil }
                let again = try await client.ask(.post, Self.purchases, as: .consumer, json: .object(others))
                #expect(again.status == 200)
                #expect(again.json["sellerid"] == record["sellerid"] && again.json["asset_name"] == "rows")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func whatIsSuspendedIsNotFree() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let price: JSON = ["amount": "1", "currency": "OCEAN"]
                let shop = Definition.service("shop", ["shout": Definition.shout(price: price)])
                let shout = try await client.register(shop).id("shout")
                let all = try await client.ask(.get, Self.listings, as: .consumer).json.array
                let listing = try #require(all?.first { $0["assetid"]?.string == shout }?["id"]?.string)
                let suspended: JSON = ["status": "suspended"]
                _ = try await client.ask(.put, "\(Self.listings)/\(listing)", as: .admin, json: suspended)
                let run = try await client.ask(.post, "/invoke/\(shout)", as: .consumer, json: ["text": "hi"])
                #expect(run.errorcode == 8003)
                #expect(run.json["description"]?.string?.contains("suspended") == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func pagesOfAUsersListingsAreFull() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                var published: [String] = []
                for number in 0..<6 {
                    let asset = try await client.asset(["name": .string("rows \(number)")], of: .provider)
                    let status: JSON = number.isMultiple(of: 2) ? "published" : "unpublished"
                    let offer: JSON = ["assetid": .string(asset), "status": status]
                    let id = try await client.ask(.post, Self.listings, as: .provider, json: offer).string("id")
                    if number.isMultiple(of: 2) { published.insert(id, at: 0) }
                }
                func page(_ from: Int, _ caller: Caller) async throws -> [String] {
                    let path = "\(Self.listings)?username=provider&from=\(from)&size=2"
                    return try await client.ask(.get, path, as: caller).json.array?.compactMap { $0["id"]?.string }
                        ?? []
                }
                #expect(try await page(0, .consumer) == Array(published.prefix(2)))
                #expect(try await page(2, .consumer) == Array(published.suffix(1)))
                #expect(try await page(4, .provider).count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func usersAreForAdminsToReadAndEachForHimself() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let all = try await client.ask(.get, Self.users, as: .admin)
                let names = ["admin", "consumer", "other", "provider"]
                #expect(all.json.array?.compactMap { $0["username"]?.string } == names)
                #expect(all.json.array?.allSatisfy { $0.object?.count == 2 } == true)
                let page = try await client.ask(.get, "\(Self.users)?from=1&size=2", as: .admin)
                #expect(page.json.array?.compactMap { $0["username"]?.string } == ["consumer", "other"])
                #expect(page.header("X-Ocean-From") == "1" && page.header("X-Ocean-Size") == "2")
                #expect(try await client.ask(.get, "\(Self.users)?size=0", as: .admin).errorcode == 8103)

                let me = try await test.account("consumer").publicID.description
                let zeros = String(repeating: "0", count: 64)
                for (caller, id, status) in [
                    (Caller.admin, me, 200), (.consumer, me, 200), (.provider, me, 403), (.admin, zeros, 404),
                    (.admin, "x", 404), (.consumer, zeros, 403), (.consumer, "x", 403),
                ] {
                    let answer = try await client.ask(.get, "\(Self.users)/\(id)", as: caller)
                    #expect(answer.status == status, "\(caller) \(id)")
                    if status == 200 { #expect(answer.json == ["id": .string(me), "username": "consumer"]) }
                }
                for caller in [Caller.provider, .consumer] {
                    #expect(try await client.ask(.get, Self.users, as: caller).status == 403)
                }
            }
        }
    }
}
