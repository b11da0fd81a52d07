import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// Metadata (dep.md §7).
    @Suite struct MetaRoutesTests {
        /// Spacing, an escape, a number with a needless zero and a final newline: all of it belongs to the hash.
        private static let odd = "{ \"name\" : \"odd\\u0020one\",\t\"type\":\"dataset\" ,\n \"x\" : 1.50 }\n"
        private static let oddID = "179efc37fe6277297817d03f11ecaaa8a9a7fdc2055b4865ce721d1594905c0b"
        /// A vector of DEP-5.
        private static let plain = #"{"name":"x","type":"dataset"}"#
        private static let plainID = "343d381d71cfbedd989b47acfb8b175a46dd05633bdd2d66040d874862fea198"

        @Test(.timeLimit(.minutes(5)))
        func metadataComesBackByteForByteUnderItsHash() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                for (text, id) in [(Self.odd, Self.oddID), (Self.plain, Self.plainID)] {
                    for type in ["text/plain", "application/json; charset=UTF-8", "", "image/png"] {
                        let answer = try await client.ask(
                            .post,
                            "/api/v1/meta/data",
                            as: .consumer,
                            body: Array(text.utf8),
                            headers: type.isEmpty ? [:] : ["Content-Type": type]
                        )
                        #expect(answer.status == 200)
                        #expect(answer.json == .string(id))
                    }
                    let did = "did:dep:\(test.agent.id)/\(id)"
                    for spelling in [id, "0x\(id)", id.uppercased(), did, "did:dep:\(test.agent.id)%2F\(id)"] {
                        let path = "/api/v1/meta/data/\(spelling)"
                        let read = try await client.ask(.get, path, headers: ["Content-Type": "text/plain"])
                        #expect(read.status == 200)
                        #expect(read.text == text)
                    }
                }
                let index = try await client.ask(.get, "/api/v1/meta/index")
                #expect(index.json[Self.oddID]?["name"] == "odd one")
                #expect(index.text.contains(Self.odd))
                for path in ["/api/v1/meta/data", "/api/v1/meta/data/", "/api/v1//meta/data"] {
                    let list = try await client.ask(.get, path).json.array ?? []
                    #expect(Set(list) == [.string(Self.oddID), .string(Self.plainID)])
                }
                #expect(try await client.ask(.get, "/api/v1/meta/data?name=x").json == [.string(Self.plainID)])
                #expect(try await client.ask(.get, "/api/v1/meta/data?type=operation").json == [])
                #expect(try await client.ask(.get, "/api/v1/meta/data?limit=1").json.array?.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func metadataIsPutUnderItsOwnHashOnly() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let path = "/api/v1/meta/data/\(Self.oddID)"
                let wrong = try await client.ask(.put, path, as: .consumer, body: Array(Self.plain.utf8))
                #expect(wrong.status == 400)
                #expect(wrong.errorcode == 8101)
                let malformed = try await client.ask(
                    .put,
                    "/api/v1/meta/data/abc",
                    as: .consumer,
                    body: Array(Self.odd.utf8)
                )
                #expect(malformed.status == 400)
                #expect(try await client.ask(.get, "/api/v1/meta/data").json == [])

                let made = try await client.ask(.put, path, as: .consumer, body: Array(Self.odd.utf8))
                #expect(made.status == 201)
                #expect(made.json == .string(Self.oddID))
                #expect(made.header("Location") == path)
                #expect(try await client.ask(.put, path, as: .consumer, body: Array(Self.odd.utf8)).status == 200)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["data", "index"])
        func listsGoOnWhereThePageBeforeEnded(_ list: String) async throws {
            let test = try await TestAgent()
            try await test.run { client in
                var ids: [String] = []
                for number in 0..<5 {
                    let metadata: JSON = ["name": "a & b", "number": .number(JSONNumber(number))]
                    ids.insert(try await client.asset(metadata, of: .consumer), at: 0)
                }
                _ = try await client.asset(["name": "another"], of: .consumer)
                var (found, path): ([String], String?) = ([], "/api/v1/meta/\(list)?name=a%20%26%20b&limit=2")
                while let page = path {
                    let answer = try await client.ask(.get, page)
                    #expect(answer.status == 200)
                    found += try answer.json.array?.compactMap(\.string) ?? Array(#require(answer.json.object).keys)
                    path = answer.header("Link").map { String($0.dropFirst().prefix { $0 != ">" }) }
                    // One that is new comes on no later page, and moves nothing.
                    let late: JSON = ["name": "a & b", "late": .number(JSONNumber(found.count))]
                    _ = try await client.asset(late, of: .consumer)
                }
                #expect(found == ids)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPageOfMetadataIsNoLongerThan16MiB() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let description = String(repeating: "x", count: 1_000_000)
                for number in 0..<18 {
                    let metadata: JSON = ["name": .string("\(number)"), "description": .string(description)]
                    _ = try await client.asset(metadata, of: .consumer)
                }
                let first = try await client.ask(.get, "/api/v1/meta/index")
                #expect(first.json.object?.count == 16)
                let link = try #require(first.header("Link"))
                let second = try await client.ask(.get, String(link.dropFirst().prefix { $0 != ">" }))
                #expect(second.json.object?.values.map { $0["name"] } == ["1", "0"])
                #expect(second.header("Link") == nil)
                #expect(try await client.ask(.get, "/api/v1/meta/data").json.array?.count == 18)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func badMetadataIsRefusedAndNotStored() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let hash = String(repeating: "z", count: 64)
                let cases: [(String, Int)] = [
                    ("", 8100), ("no", 8100), ("{\"a\":1,\"a\":2}", 8100), ("{} x", 8100), ("[]", 8101), ("3", 8101),
                    (#"{"provenance":[]}"#, 8101), (#"{"contentHash":"\#(hash)"}"#, 8101),
                    (#"{"contentHash":7}"#, 8101),
                    (String(repeating: "[", count: 40), 8104),
                ]
                for (body, code) in cases {
                    let refused = try await client.ask(
                        .post,
                        "/api/v1/meta/data",
                        as: .consumer,
                        body: Array(body.utf8)
                    )
                    #expect(refused.status == 400, "\(body)")
                    #expect(refused.errorcode == code, "\(body)")
                }
                let big = Array("{\"name\":\"".utf8) + Array(repeating: UInt8(ascii: "a"), count: 1 << 20)
                #expect(try await client.ask(.post, "/api/v1/meta/data", as: .consumer, body: big).status == 413)
                #expect(try await client.ask(.get, "/api/v1/meta/data", as: .admin).json == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anAssetThatIsNotThereIsUnknownAndAMalformedIDIsABadRequest() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let zeros = String(repeating: "0", count: 64)
                for unknown in [zeros, "did:dep:\(test.agent.id)/\(zeros)", "did:dep:\(zeros)/\(Self.plainID)"] {
                    let answer = try await client.ask(.get, "/api/v1/meta/data/\(unknown)")
                    #expect(answer.status == 404, "\(unknown)")
                    #expect(answer.errorcode == 8112)
                }
                for malformed in ["abc", zeros + "0", "%00"] {
                    let answer = try await client.ask(.get, "/api/v1/meta/data/\(malformed)")
                    #expect(answer.status == 400, "\(malformed)")
                    #expect(answer.errorcode == 8103)
                }
            }
        }
    }
}
