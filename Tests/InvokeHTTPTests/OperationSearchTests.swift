import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// Finding operations in the catalogue.
    @Suite(.timeLimit(.minutes(5))) struct OperationSearchTests {
        private static func operation(_ description: String?, tags: JSON? = nil) -> JSON {
            var members = Definition.shout().object ?? [:]
            members["description"] = description.map(JSON.string)
            members["tags"] = tags
            return .object(members)
        }

        private static let tables = tagged(
            Definition.service(
                "table-tools",
                [
                    "drop": operation("Drops rows with EMPTY cells", tags: ["rows", "csv"]),
                    "count": operation("Zählt Zeilen"),
                ]
            ),
            ["csv"]
        )
        private static let texts = Definition.service(
            "texts",
            ["shout": operation("Writes in capitals", tags: ["csv-free", "text"]), "empty": operation(nil)]
        )

        /// A definition with tags of the service's own.
        private static func tagged(_ service: JSON, _ tags: JSON) -> JSON {
            var members = service.object ?? [:]
            members["tags"] = tags
            return .object(members)
        }

        @Test func anOperationIsFoundByItsWordsItsTagsAndItsService() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                for service in [Self.tables, Self.texts] { _ = try await client.register(service) }
                let all = ["drop", "count", "shout", "empty"]
                let questions: [(String, [String])] = [
                    ("", all), ("?q=&tag=&service=", all),
                    ("?q=empty", ["drop", "empty"]), ("?q=EMPTY", ["drop", "empty"]),
                    ("?q=z%C3%84hlt", ["count"]), ("?q=tool", ["drop", "count"]), ("?q=cells%20%20DROP", ["drop"]),
                    ("?q=cells+drop", ["drop"]), ("?q=cells%2Bdrop", []), ("?q=drop%20capitals", []),
                    ("?q=%25", []), ("?q=_", []), ("?q=1.0.0", []),
                    ("?tag=csv", ["drop", "count"]), ("?tag=rows", ["drop"]), ("?tag=csv-free", ["shout"]),
                    ("?tag=CSV", []), ("?tag=csv%20rows", []),
                    ("?service=texts", ["shout", "empty"]), ("?service=text", []),
                    ("?service=texts&q=empty", ["empty"]), ("?tag=rows&q=capitals", []),
                ]
                for (query, expected) in questions {
                    let found = try await client.ask(.get, "/operations" + query).json["operations"]?.array
                    #expect(found?.compactMap { $0["name"]?.string } == expected, "\(query)")
                }
                let shown = try await client.ask(.get, "/operations?q=drop").json["operations"]?.array?.first
                #expect(shown?["tags"] == ["csv", "rows"])
                let second = try await client.ask(.get, "/operations?q=z%C3%A4hlt").json["operations"]?.array?.first
                #expect(second?["tags"] == ["csv"])
                let untagged = try await client.ask(.get, "/operations?q=texts").json["operations"]?.array?.last
                #expect(untagged?["tags"] == [])
            }
        }

        @Test func whatIsFoundComesInPages() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                for number in 1...5 {
                    let even = number.isMultiple(of: 2)
                    let operations: JSON = ["run": Self.operation(even ? "Even" : "Odd")]
                    _ = try await client.register(Definition.service("service-\(number)", operations))
                }
                let first = try await client.ask(.get, "/operations?q=odd&limit=2").json
                #expect(first["operations"]?.array?.compactMap { $0["service"]?.string } == ["service-1", "service-3"])
                let cursor = try #require(first["next_cursor"]?.string)
                let last = try await client.ask(.get, "/operations?q=odd&limit=2&cursor=\(cursor)").json
                #expect(last["operations"]?.array?.compactMap { $0["service"]?.string } == ["service-5"])
                #expect(last["next_cursor"] == nil)
            }
        }

        @Test func whatIsGoneIsNotFoundAndWhatReplacesItIs() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                func found(_ query: String) async throws -> Int? {
                    try await client.ask(.get, "/operations?" + query).json["operations"]?.array?.count
                }
                _ = try await client.register(Self.texts)
                let next = Definition.service("texts", ["shout": Self.operation("Writes small", tags: ["small"])])
                let put = try await client.ask(.put, "/services/texts", as: .provider, json: next)
                #expect(put.status == 200)
                #expect(try await (found("q=capitals"), found("tag=text")) == (0, 0))
                #expect(try await (found("q=small"), found("tag=small")) == (1, 1))
                // The operation has not changed, its service's tags have.
                let retagged = try await client.ask(
                    .put,
                    "/services/texts",
                    as: .provider,
                    json: Self.tagged(next, ["new"])
                )
                #expect(retagged.status == 200)
                #expect(try await (found("tag=small"), found("tag=new")) == (1, 1))
                _ = try await client.ask(.delete, "/services/texts", as: .provider)
                #expect(try await found("q=small") == 0)
            }
        }

        @Test func aTagThatIsNoWordIsRefused() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let long = String(repeating: "a", count: 31)
                let tags: [JSON] = ["csv", ["two words"], ["CSV"], [""], [.string(long)], ["a", "a"], [1]]
                for tags in tags + [.array((0...10).map { .string("tag-\($0)") })] {
                    let service = Definition.service("tagged", ["run": Self.operation(nil, tags: tags)])
                    let answer = try await client.ask(.post, "/services?dryrun=1", as: .provider, json: service)
                    #expect(answer.errorcode == 8102, "\(tags.text)")
                    #expect(answer.pointers.allSatisfy { $0.hasPrefix("#/operations/run/tags") }, "\(answer.text)")
                }
            }
        }
    }
}
