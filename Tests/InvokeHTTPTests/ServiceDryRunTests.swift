import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import Testing

extension HTTPTests {
    /// What a definition would be registered as (`?dryrun=1`).
    @Suite(.timeLimit(.minutes(5))) struct ServiceDryRunTests {
        private static let yaml = ["Content-Type": "application/yaml"]

        @Test func aDefinitionThatIsRightIsToldAndNothingIsWritten() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                _ = try await client.register(Definition.service("first", ["hash": Definition.hash]))
                let before = try test.rows()
                let service = Definition.service("tools", ["shout": Definition.shout(), "hash": Definition.hash])
                let told: JSON = [
                    "valid": true,
                    "service": ["name": "tools", "version": "1.0.0", "operations": ["shout", "hash"]],
                ]
                let answer = try await client.ask(.post, "/services?dryrun=1", as: .provider, json: service)
                #expect((answer.status, answer.json) == (200, told))
                #expect(try test.rows() == before)

                _ = try await client.register(service)
                let registered = try test.rows()
                let next = Definition.service("tools", version: "2.0.0", ["slow": Definition.slow])
                let put = try await client.ask(.put, "/services/tools?dryrun=yes", as: .admin, json: next)
                #expect(put.status == 200)
                #expect(put.json["service"] == ["name": "tools", "version": "2.0.0", "operations": ["slow"]])
                #expect(try test.rows() == registered)
            }
        }

        @Test func aRefusalIsThatOfTheCallItself() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let taken = Definition.service("taken", ["shout": Definition.shout()])
                _ = try await client.register(taken)
                let wrong = Definition.service("Wrong_Name", ["shout": Definition.shout()])
                let other = Definition.service("other", ["shout": Definition.shout()])
                let calls: [(HTTPRequest.Method, String, Caller, JSON)] = [
                    (.post, "/services", .nobody, other), (.post, "/services", .consumer, other),
                    (.post, "/services", .admin, taken), (.post, "/services", .provider, wrong),
                    (.put, "/services/taken", .consumer, taken), (.put, "/services/taken", .provider, other),
                    (.put, "/services/none", .provider, other), (.put, "/services/taken", .provider, "text"),
                ]
                for (method, path, caller, definition) in calls {
                    let told = try await client.ask(method, path + "?dryrun=1", as: caller, json: definition)
                    let called = try await client.ask(method, path, as: caller, json: definition)
                    #expect(told.status >= 400)
                    #expect(told.status == called.status, "\(method) \(path)")
                    #expect(told.comparable() == called.comparable(), "\(method) \(path)")
                }
                let unclear = try await client.ask(.post, "/services?dryrun=maybe", as: .provider, json: other)
                #expect(unclear.errorcode == 8103)
                #expect(try await client.ask(.get, "/services/other").status == 404)
            }
        }

        @Test func faultsOfYAMLComeWithTheirLines() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                func lines(_ text: String, headers: [String: String] = Self.yaml) async throws -> [String: Int?] {
                    let answer = try await client.ask(
                        .post,
                        "/services?dryrun=1",
                        as: .provider,
                        body: Array(text.utf8),
                        headers: headers
                    )
                    #expect(answer.status == 400)
                    let errors = answer.json["errors"]?.array ?? []
                    return errors.reduce(into: [:]) { $0[$1["pointer"]?.string ?? ""] = .some($1["line"]?.int) }
                }
                let definition = """
                    # Half done.
                    name: half
                    version: 1.0.0
                    operations:
                      one:
                        inputs: {a: {type: string}}
                        outputs:
                          b: {type: number}
                        run:
                          engine: process
                          command: []
                          retries: -1
                    """
                let place = "#/operations/one"
                #expect(
                    try await lines(definition) == [
                        "\(place)/outputs/b/type": 8, "\(place)/run/command": 11, "\(place)/run/retries": 12,
                    ]
                )
                // What is missing is told where it should be.
                let empty = try await lines("name: half\nversion: 1.0.0\noperations:\n  one: {}\n")
                #expect(!empty.isEmpty && empty.values.allSatisfy { $0 == 4 })
                #expect(try await lines("name: half\nversion: [1\noperations: {}\n") == ["#": 3])
                let twice = try await lines("name: a\nversion: 1.0.0\nname: b\n")
                #expect(twice.count == 1 && (twice["#"] ?? nil) != nil)
                let json = #"{"name": "half", "version": "1.0.0", "operations": {"one": {}}}"#
                let unmarked = try await lines(json, headers: ["Content-Type": "application/json"])
                #expect(!unmarked.isEmpty && unmarked.values.allSatisfy { $0 == nil })
            }
        }
    }
}
