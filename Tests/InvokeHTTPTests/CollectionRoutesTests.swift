import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// Named lists of assets, and what there is of trust groups (dep.md §11).
    @Suite struct CollectionRoutesTests {
        private static let base = "/api/v1/collection"
        private static func id(_ digit: Int) -> String { String(repeating: "\(digit)", count: 64) }
        private static func ids(_ digits: Int...) -> JSON { .array(digits.map { .string(id($0)) }) }

        @Test(.timeLimit(.minutes(5)))
        func whatIsAddedAndRemovedIsToldOnce() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let (add, remove) = ("\(Self.base)/data/my%20rows/add", "\(Self.base)/data/my%20rows/remove")
                let first = try await client.ask(.post, add, as: .consumer, json: Self.ids(3, 1))
                #expect(first.status == 200)
                #expect(first.json == Self.ids(3, 1))
                #expect(try await client.ask(.post, add, as: .consumer, json: Self.ids(1, 2, 2)).json == Self.ids(2))
                #expect(try await client.ask(.post, add, as: .consumer, json: Self.ids(1)).json == [])
                #expect(try await client.ask(.post, remove, as: .consumer, json: Self.ids(9, 1)).json == Self.ids(1))
                #expect(try await client.ask(.post, remove, as: .consumer, json: Self.ids(1)).json == [])
                for path in ["index", "data", "data/"] {
                    let all = try await client.ask(.get, "\(Self.base)/\(path)", as: .consumer)
                    #expect(all.json == ["my rows": Self.ids(3, 2)], "\(path)")
                }
                #expect(try await client.ask(.get, "\(Self.base)/data/my%20rows", as: .consumer).json == Self.ids(3, 2))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anIdComesBackAsItWasSpelledAndIsTheSameInEverySpelling() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let (add, remove) = ("\(Self.base)/data/rows/add", "\(Self.base)/data/rows/remove")
                let prefixed: JSON = [.string("0x" + Self.id(1))]
                let added = try await client.ask(.post, add, as: .consumer, json: prefixed)
                #expect(added.json == prefixed)
                #expect(try await client.ask(.post, add, as: .consumer, json: Self.ids(1)).json == [])
                #expect(try await client.ask(.get, "\(Self.base)/index", as: .consumer).json == ["rows": prefixed])
                #expect(try await client.ask(.post, remove, as: .consumer, json: Self.ids(1)).json == Self.ids(1))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aCollectionIsItsOwnersAlone() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let add = "\(Self.base)/data/rows/add"
                _ = try await client.ask(.post, add, as: .consumer, json: Self.ids(1))
                #expect(try await client.ask(.post, add, as: .other, json: Self.ids(1, 2)).json == Self.ids(1, 2))
                #expect(try await client.ask(.get, "\(Self.base)/index", as: .admin).json == [:])
                #expect(try await client.ask(.get, "\(Self.base)/data/rows", as: .provider).json == [])
                #expect(try await client.ask(.get, "\(Self.base)/data/rows", as: .consumer).json == Self.ids(1))
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ("[\"abc\", 1]", ["#/0", "#/1"]), ("{}", ["#"]), ("\"\(id(1))\"", ["#"]),
                ("[\"did:dep:\(id(1))/\(id(2))\"]", ["#/0"]),
            ] as [(String, Set<String>)]
        )
        func whatIsNoListOfAssetsIsRefusedByPlace(_ body: String, _ pointers: Set<String>) async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let answer = try await client.ask(
                    .post,
                    "\(Self.base)/data/rows/add",
                    as: .consumer,
                    body: Array(body.utf8),
                    headers: ["Content-Type": "application/json"]
                )
                #expect(answer.errorcode == 8101)
                #expect(answer.pointers == pointers)
                #expect(try await client.ask(.get, "\(Self.base)/index", as: .consumer).json == [:])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aNameHasALimit() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let path = "\(Self.base)/data/\(String(repeating: "n", count: 201))"
                #expect(try await client.ask(.get, path, as: .consumer).errorcode == 8103)
                for change in ["add", "remove"] {
                    let answer = try await client.ask(.post, "\(path)/\(change)", as: .consumer, json: Self.ids(1))
                    #expect(answer.errorcode == 8103)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func thereAreNoTrustGroups() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let answer = try await client.ask(.get, "/api/v1/trust/groups", as: .consumer)
                #expect(answer.json == [])
            }
        }
    }
}
