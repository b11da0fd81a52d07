import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// The contents of assets (dep.md §8).
    @Suite struct StorageRoutesTests {
        private static let table = "id,name\n1,ada\n2,bob\n"
        private static let tableHash = "38d0400a18fc6c570202d58f0dcfc3d130f448cf6c385062247de71d2c38e95a"

        @Test(.timeLimit(.minutes(5)))
        func contentIsPutAndReadBackWithItsTypeAndName() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(
                    [
                        "name": "people.csv", "contentType": "text/csv", "contentHash": .string("0x" + Self.tableHash),
                        // Clients count characters, so a size proves nothing.
                        "contentLength": "7",
                    ],
                    of: .consumer
                )
                let path = "/api/v1/assets/\(id)"
                let none = try await client.ask(.get, path)
                #expect(none.status == 404)
                for _ in 1...2 {
                    let put = try await client.ask(.put, path, as: .consumer, body: Array(Self.table.utf8))
                    #expect(put.status == 200)
                    #expect(put.bytes.isEmpty)
                }
                for accept in ["*/*", "text/csv", "application/octet-stream"] {
                    let read = try await client.ask(.get, path, headers: ["Accept": accept])
                    #expect(read.status == 200, "Accept: \(accept)")
                    #expect(read.text == Self.table)
                    #expect(read.header("Content-Type") == "text/csv")
                    #expect(read.header("Content-Disposition") == #"attachment; filename="people.csv""#)
                    #expect(read.header("X-Content-Type-Options") == "nosniff")
                }
                let head = try await client.ask(.head, path)
                #expect(head.status == 200)
                #expect(head.bytes.isEmpty)
                #expect(head.header("Content-Length") == String(Self.table.utf8.count))
            }
        }

        @Test func aContentIsTakenAwayByItsOwnerAlone() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["name": "people.csv"], of: .consumer)
                let path = "/api/v1/assets/\(id)"
                _ = try await client.ask(.put, path, as: .consumer, body: Array(Self.table.utf8))
                #expect(try await client.ask(.delete, path, as: .provider).status == 403)
                #expect(try await client.ask(.get, path).status == 200)
                #expect(try await test.store.looseContents(for: .zero, after: nil).isEmpty)
                for _ in 1...2 {
                    #expect(try await client.ask(.delete, path, as: .consumer).status == 204)
                    #expect(try await client.ask(.get, path).status == 404)
                }
                let loose = try await test.store.looseContents(for: .zero, after: nil)
                #expect(loose.map(\.hash.description) == [Self.tableHash])
                #expect(try await client.ask(.get, "/api/v1/meta/data/\(id)").status == 200)
                #expect(try await client.ask(.put, path, as: .consumer, body: [1]).status == 200)
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ("bytes=0-2", "id,", "bytes 0-2/20"), ("bytes=3-3", "n", "bytes 3-3/20"),
                ("bytes=14-", "2,bob\n", "bytes 14-19/20"), ("bytes=18-99", "b\n", "bytes 18-19/20"),
                ("bytes=-4", "bob\n", "bytes 16-19/20"), ("bytes=-99", table, "bytes 0-19/20"),
                ("Bytes = 0-1", "id", "bytes 0-1/20"),
                // What a server may not understand, it ignores.
                ("bytes=2-1", table, nil), ("bytes=0-1,4-5", table, nil), ("lines=0-1", table, nil),
                ("bytes=a-b", table, nil), ("bytes=-", table, nil), ("bytes=--4", table, nil),
            ] as [(String, String, String?)]
        )
        func aPartOfTheContentIsReadAlone(_ range: String, _ content: String, _ place: String?) async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["name": "people.csv"], Self.table, of: .consumer)
                let read = try await client.ask(.get, "/api/v1/assets/\(id)", headers: ["Range": range])
                #expect(read.status == (place == nil ? 200 : 206))
                #expect(read.text == content)
                #expect(read.header("Content-Range") == place)
                #expect(read.header("Accept-Ranges") == "bytes")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["bytes=20-", "bytes=20-30", "bytes=-0"])
        func bytesBeyondTheEndAreRefused(_ range: String) async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["name": "people.csv"], Self.table, of: .consumer)
                let read = try await client.ask(.get, "/api/v1/assets/\(id)", headers: ["Range": range])
                #expect(read.status == 416)
                #expect(read.errorcode == 8144)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aPartIsReadOnlyOfTheContentThatTheCallerKnows() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let path = "/api/v1/assets/\(try await client.asset(["name": "a"], Self.table, of: .consumer))"
                let tag = try #require(try await client.ask(.get, path).header("ETag"))
                #expect(tag == "\"\(Self.tableHash)\"")
                for (known, status) in [(tag, 206), ("\"another\"", 200)] {
                    let headers = ["Range": "bytes=0-1", "If-Range": known]
                    #expect(try await client.ask(.get, path, headers: headers).status == status)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func anOperatorCanWantHashes() async throws {
            var limits = AgentLimits()
            limits.requiresContentHash = true
            let test = try await TestAgent(limits: limits)
            try await test.run { client in
                let bare = try await client.asset(["name": "a"], of: .consumer)
                let content = Array(Self.table.utf8)
                let refused = try await client.ask(.put, "/api/v1/assets/\(bare)", as: .consumer, body: content)
                #expect(refused.errorcode == 8101)
                let hashed = try await client.asset(["contentHash": .string(Self.tableHash)], of: .consumer)
                #expect(
                    try await client.ask(.put, "/api/v1/assets/\(hashed)", as: .consumer, body: content).status == 200
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aDownloadsHeadersHoldNothingButHarmlessText() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(
                    ["name": "a\"; x=\"b\r\nSet-Cookie: c", "contentType": "text/html\r\nSet-Cookie: d"],
                    "abc",
                    of: .consumer
                )
                let read = try await client.ask(.get, "/api/v1/assets/\(id)")
                #expect(read.status == 200)
                #expect(read.header("Content-Type") == "application/octet-stream")
                #expect(read.header("Set-Cookie") == nil)
                #expect(read.header("Content-Disposition")?.filter { $0 == "\"" }.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func contentOtherThanTheOneTheMetadataNamesIsRefusedAndNotStored() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["contentHash": .string(Self.tableHash)], of: .consumer)
                let path = "/api/v1/assets/\(id)"
                let put = try await client.ask(.put, path, as: .consumer, body: Array("abc".utf8))
                #expect(put.status == 400)
                #expect(put.errorcode == 8101)
                let form = Form(file: Array("abc".utf8))
                let post = try await client.ask(.post, path, as: .consumer, body: form.bytes, headers: form.headers)
                #expect(post.status == 400)
                #expect(try await client.ask(.get, path).status == 404)
                #expect(try test.contentFiles().isEmpty)

                // Whoever brings the content that the metadata promises may bring it.
                #expect(try await client.ask(.put, path, as: .other, body: Array(Self.table.utf8)).status == 200)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func contentNeverChangesAndIsTheOwnersToGive() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["name": "letters"], of: .consumer)
                let path = "/api/v1/assets/\(id)"
                #expect(try await client.ask(.put, path, as: .other, body: Array("abc".utf8)).status == 403)
                #expect(try await client.ask(.put, path, as: .consumer, body: Array("abc".utf8)).status == 200)
                let other = try await client.ask(.put, path, as: .consumer, body: Array("abd".utf8))
                #expect(other.status == 409)
                #expect(other.errorcode == 8131)
                #expect(try await client.ask(.get, path).text == "abc")
                let zeros = String(repeating: "0", count: 64)
                let unknown = try await client.ask(.put, "/api/v1/assets/\(zeros)", as: .consumer, body: [1])
                #expect(unknown.status == 404)
                #expect(try await client.ask(.put, "/api/v1/assets/abc", as: .consumer, body: [1]).status == 400)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aFormsFileIsFoundAmongOtherParts() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["contentHash": .string(Self.tableHash)], of: .consumer)
                let form = Form(
                    file: Array(Self.table.utf8),
                    before: [("note", "--not-a-boundary\r\n\r\n--"), ("files", "x")],
                    after: [("file", "a second one")]
                )
                for reference in [id, "did:dep:\(test.agent.id)/\(id)"] {
                    let path = "/api/v1/assets/\(reference)"
                    let answer = try await client.ask(
                        .post,
                        path,
                        as: .consumer,
                        body: form.bytes,
                        headers: form.headers
                    )
                    #expect(answer.status == 201)
                    #expect(answer.header("Location") == "/api/v1/assets/\(id)")
                    #expect(answer.bytes.isEmpty)
                }
                #expect(try await client.ask(.get, "/api/v1/assets/\(id)").text == Self.table)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aBoundaryThatFallsIntoTwoPiecesOfTheBodyIsABoundary() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                // The client sends pieces of 32 KiB; their border runs through the boundary at every place.
                let piece = 32 << 10
                let bare = Form(file: [])
                let headerSize = bare.bytes.count - bare.end.count
                for overlap in 0...bare.end.count {
                    let content = [UInt8](repeating: UInt8(ascii: "-"), count: piece - headerSize - overlap)
                    let form = Form(file: content)
                    let id = try await client.asset(["name": .string("letters \(overlap)")], of: .consumer)
                    let path = "/api/v1/assets/\(id)"
                    let answer = try await client.ask(
                        .post,
                        path,
                        as: .consumer,
                        body: form.bytes,
                        headers: form.headers
                    )
                    #expect(answer.status == 201)
                    #expect(try await client.ask(.get, path).bytes == content, "\(overlap)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aBrokenFormIsRefusedAndLeavesNothing() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let id = try await client.asset(["name": "letters"], of: .consumer)
                let path = "/api/v1/assets/\(id)"
                let form = Form(file: Array("abc".utf8))
                let whole = form.bytes
                let broken: [[UInt8]] = [
                    [], Array(whole.dropLast(form.end.count)), Array(whole.prefix(20)), Array("abc".utf8),
                    Form(file: [1], name: "data").bytes,
                    Array("--\(Form.boundary)\r\n".utf8) + [UInt8](repeating: UInt8(ascii: "h"), count: 20_000),
                ]
                for body in broken {
                    let answer = try await client.ask(.post, path, as: .consumer, body: body, headers: form.headers)
                    #expect(answer.status == 400)
                    #expect(answer.errorcode == 8101)
                }
                for type in ["text/plain", "multipart/form-data", "multipart/form-data; boundary=", "application/json"]
                {
                    let headers = ["Content-Type": type]
                    let answer = try await client.ask(.post, path, as: .consumer, body: whole, headers: headers)
                    #expect(answer.status == 415, "\(type)")
                    #expect(answer.errorcode == 8142)
                }
                #expect(try await client.ask(.get, path).status == 404)
                #expect(try test.contentFiles().isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func twentyMebibytesPassAndMoreThanTheLimitDoesNot() async throws {
            var limits = AgentLimits()
            limits.contentBytes = 20 << 20
            let test = try await TestAgent(limits: limits)
            try await test.run { client in
                let hash: JSON = "cbbfaa4bc021bd7231b63762ae42e55dc78bc540dbe588cae930c5d7fee31fd5"
                let content = (0..<(20 << 20)).map { UInt8(truncatingIfNeeded: $0) }
                let id = try await client.asset(["name": "big", "contentHash": hash], of: .consumer)
                let tooMuch = try await client.ask(
                    .put,
                    "/api/v1/assets/\(id)",
                    as: .consumer,
                    body: content + [0]
                )
                #expect(tooMuch.status == 413)
                #expect(try test.contentFiles().isEmpty)
                let put = try await client.ask(.put, "/api/v1/assets/\(id)", as: .consumer, body: content)
                #expect(put.status == 200)
                let read = try await client.ask(.get, "/api/v1/assets/\(id)")
                #expect(read.bytes.elementsEqual(content))
            }
        }
    }
}
