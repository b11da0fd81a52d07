import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeModel
import NIOCore
import OrderedCollections
import Synchronization
import Testing

@testable import InvokeConsole

@Suite struct ListPageTests {
    /// What the API answers each caller with.
    private final class Answering: Sendable {
        let bodies = Mutex<[String: JSON]>([:])

        func answer(_ caller: String, _ body: JSON) { bodies.withLock { $0[caller] = body } }

        func response(to caller: String) -> Response {
            let body = bodies.withLock { $0[caller] } ?? .null
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes())))
        }
    }

    private let api = Answering()

    /// The page's text for each caller in turn, from one console.
    private func texts(
        _ calls: [(path: String, caller: String)],
        before: @Sendable (Int) -> Void = { _ in }
    ) async throws -> [String] {
        let accounts = [
            "ann": Account(id: 1, publicID: .random(), username: "ann", roles: [.admin]),
            "bob": Account(id: 2, publicID: .random(), username: "bob", roles: [.admin]),
        ]
        let console = try Console()
        let responder = CallbackResponder { [api] (request: Request, context: BasicRequestContext) in
            try await console.respond(to: request, context.coreContext, context.logger) {
                let caller = request.headers[.authorization] ?? ""
                return (accounts[caller], { _ in api.response(to: caller) })
            }
        }
        return try await Application(responder: responder).test(.router) { client in
            var texts: [String] = []
            for (index, call) in calls.enumerated() {
                before(index)
                let answer = try await client.execute(
                    uri: call.path,
                    method: .get,
                    headers: [.authorization: call.caller]
                )
                texts.append(String(buffer: answer.body))
            }
            return texts
        }
    }

    private func job(_ id: String, _ state: String = "running", name: String = "work", service: String = "s") -> JSON {
        [
            "jobid": .string(id), "status": .string(state), "operation_name": .string(name),
            "service": .string(service), "attempts": 1, "created": "2026-03-01T10:00:00Z",
        ]
    }

    @Test func aRowChangesWithItsJobAndTheOthersStay() async throws {
        let texts = try await texts(Array(repeating: ("/ui/jobs", "ann"), count: 3)) { index in
            let state = ["running", "running", "succeeded"][index]
            api.answer("ann", ["jobs": [job("7"), job("8", state)]])
        }
        #expect(texts[0] == texts[1])
        #expect(texts[2].contains(#"<tr data-job="7" data-state="running""#))
        #expect(texts[2].contains(#"<tr data-job="8" data-state="succeeded""#))
        #expect(!texts[2].contains(#"<tr data-job="8" data-state="running""#))
    }

    @Test func thePagesThatALinkLeadsToChangeWithTheList() async throws {
        let texts = try await texts([("/ui/jobs", "ann"), ("/ui/jobs", "ann"), ("/ui/jobs?cursor=a", "ann")]) { index in
            let jobs: JSON = [job("7")]
            api.answer("ann", index < 2 ? ["jobs": jobs, "next_cursor": .string(["a", "b"][index])] : ["jobs": jobs])
        }
        #expect(texts[0].contains(#"href="/ui/jobs?cursor=a" rel="next""#))
        #expect(texts[1].contains(#"href="/ui/jobs?cursor=b" rel="next""#))
        #expect(texts[2].contains(#"href="/ui/jobs">First page"#) && !texts[2].contains("Next page"))
    }

    @Test func nobodySeesWhatWasRenderedForAnother() async throws {
        let accounts: JSON = ["accounts": [["id": "1", "username": "ann"], ["id": "2", "username": "bob"]]]
        api.answer("ann", accounts)
        api.answer("bob", accounts)
        let texts = try await texts([("/ui/accounts", "ann"), ("/ui/accounts", "bob"), ("/ui/accounts", "ann")])
        #expect(texts[0] == texts[2])
        let marks = [#"ann</a> <span class="tag">you"#, #"bob</a> <span class="tag">you"#]
        #expect(texts[0].contains(marks[0]) && !texts[0].contains(marks[1]))
        #expect(texts[1].contains(marks[1]) && !texts[1].contains(marks[0]))
        #expect(texts[0].contains(#"href="/ui/account">ann"#) && texts[1].contains(#"href="/ui/account">bob"#))
    }

    @Test func everybodySeesHisOwnRowsOnly() async throws {
        api.answer("ann", ["jobs": [job("7")]])
        api.answer("bob", ["jobs": [job("8")]])
        let texts = try await texts([("/ui/jobs", "ann"), ("/ui/jobs", "bob"), ("/ui/jobs", "ann")])
        #expect(texts.map { $0.contains(#"data-job="7""#) } == [true, false, true])
        #expect(texts.map { $0.contains(#"data-job="8""#) } == [false, true, false])
    }

    @Test func markupInNamesIsTextAndMovesNothing() async throws {
        api.answer("ann", ["jobs": [job("7", name: "<b>&", service: "<!--pager-->")]])
        let query = "status=%3C!--rows--%3E&within=%3Cscript%3E"
        let text = try await texts([("/ui/jobs?\(query)", "ann")])[0]
        #expect(text.contains("&lt;b&gt;&amp;") && !text.contains("<b>") && !text.contains("<script>"))
        #expect(text.contains("&lt;!--pager--&gt;") && text.contains("&lt;!--rows--&gt;"))
        #expect(!text.contains("<!--"))
        let row = try #require(text.firstRange(of: "<tr data-job"))
        #expect(text[..<row.lowerBound].hasSuffix("<tbody>\n"))
    }

    @Test func aListWithoutPurchasesSaysSo() async throws {
        api.answer("ann", [])
        let text = try await texts([("/ui/market/purchases", "ann")])[0]
        #expect(text.contains("You have bought and sold nothing.") && text.contains(#"<nav class="pager""#))
        #expect(!text.contains("<!--") && !text.contains("<table"))
    }

    @Test(arguments: ["/ui", "/ui/jobs", "/ui/assets", "/ui/accounts", "/ui/pools", "/ui/webhooks"])
    func aListWithoutItemsSaysSo(path: String) async throws {
        api.answer(
            "ann",
            ["operations": [], "jobs": [], "assets": [], "accounts": [], "pools": [], "webhooks": []]
        )
        let text = try await texts([(path, "ann")])[0]
        #expect(!text.contains("<!--") && text.contains(#"<nav class="pager""#))
        #expect(path == "/ui/accounts" || text.contains(#"class="empty""#))
    }
}

@Suite struct PurchaseRowTests {
    private let ann = Account(id: 1, publicID: .random(), username: "ann", roles: [.consumer])
    private let bob = Account(id: 2, publicID: .random(), username: "bob", roles: [.provider])
    private let root = Account(id: 3, publicID: .random(), username: "root", roles: [.admin])

    /// What ann bought of bob.
    private func purchase(_ status: JSON, _ payment: JSON, _ more: JSON = [:]) -> JSON {
        let purchase: JSON = [
            "id": "7", "listingid": "8", "assetid": "0123456789abcdef",
            "userid": .string(ann.publicID.description), "sellerid": .string(bob.publicID.description),
            "status": status, "payment": payment,
        ]
        return .object((purchase.object ?? [:]).merging(more.object ?? [:]) { _, new in new })
    }

    /// What may be done with a purchase.
    private func actions(_ purchase: JSON, for viewer: Account) -> Set<String> {
        let content = PurchaseRow(purchase, for: viewer).content
        return Set(content.filter { $0.key.hasPrefix("may") && $0.value as? Bool == true }.keys)
    }

    @Test func theBuyerOrdersAndTheSellerAndAdminsSettle() {
        let (wish, order) = (purchase("wishlist", "none"), purchase("ordered", "settled"))
        #expect(actions(wish, for: ann) == ["mayOrder"])
        #expect(actions(order, for: ann) == ["mayNoteDelivery"])
        for viewer in [bob, root] {
            #expect(actions(wish, for: viewer) == ["maySettle"])
            #expect(actions(order, for: viewer) == ["mayRefund"])
        }
    }

    @Test func namesAreShownToWhomTheyAreTold() {
        func names(_ purchase: JSON, for viewer: Account) -> [String?] {
            let content = PurchaseRow(purchase, for: viewer).content
            return ["buyer", "seller", "side"].map { content[$0] as? String }
        }
        let told = purchase("ordered", "none", ["username": "ann", "seller_name": "bob"])
        let untold = purchase("ordered", "none")
        #expect(names(untold, for: ann) == ["you", "\(bob.publicID.description.prefix(12))…", "bought"])
        #expect(names(untold, for: bob) == ["\(ann.publicID.description.prefix(12))…", "you", "sold"])
        #expect(names(told, for: root) == ["ann", "bob", "sold"])
    }

    @Test func itLeadsOnlyToWhatTheViewerMaySee() {
        func links(_ more: JSON) -> [String?] {
            let content = PurchaseRow(purchase("ordered", "none", more), for: ann).content
            return ["offered", "assetPath", "listing"].map { content[$0] as? String }
        }
        #expect(links([:]) == ["asset 0123456789ab…", nil, nil])
        #expect(
            links(["asset_type": "operation", "asset_name": "hash", "listing_status": "published"]) == [
                "hash", "/ui/operations/0123456789abcdef", "/ui/market/listings/8",
            ]
        )
    }
}

@Suite struct FragmentsTests {
    private func key(_ input: Int) -> Fragments.Key {
        Fragments.Key(viewer: nil, template: "row", input: Array("\(input)".utf8)[...])
    }

    @Test func whatHasNotChangedIsNotRenderedAgain() {
        let fragments = Fragments()
        #expect(fragments.parts(key(1)) { ["one"] } == [Array("one".utf8)])
        #expect(fragments.parts(key(1)) { ["another"] } == [Array("one".utf8)])
        #expect(fragments.parts(key(2)) { ["two"] } == [Array("two".utf8)])
    }

    @Test func whatIsShownOftenStaysAndTheRestIsDropped() {
        let fragments = Fragments(limit: 20_000)
        var renderings: [Int: Int] = [:]
        func show(_ input: Int) {
            _ = fragments.parts(key(input)) {
                renderings[input, default: 0] += 1
                return [String(repeating: "x", count: 800)]
            }
        }
        for other in 1...100 {
            show(0)
            show(other)
        }
        #expect(renderings[0] == 1)
        show(1)
        #expect(renderings[1] == 2)
    }

    @Test func aTextThatWouldFillTheRoomIsNotKept() {
        let fragments = Fragments(limit: 1000)
        let long = String(repeating: "x", count: 900)
        #expect(fragments.parts(key(1)) { [long] } == [Array(long.utf8)])
        #expect(fragments.parts(key(1)) { ["short"] } == [Array("short".utf8)])
    }
}
