import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// The list of an account's own assets.
    @Suite(.timeLimit(.minutes(5))) struct OwnAssetTests {
        @Test func anAccountSeesItsOwnAssetsNewestFirst() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                func list(_ query: String = "", as caller: Caller = .consumer) async throws -> [JSON] {
                    let answer = try await client.ask(.get, "/assets" + query, as: caller)
                    return try #require(answer.json["assets"]?.array, "\(answer.text)")
                }
                #expect(try await list() == [])
                let weather: JSON = ["name": "Wetter-ÄRGER.csv", "type": "dataset", "contentType": "text/csv"]
                let table = try await client.asset(weather, "a,b", of: .consumer)
                let empty = try await client.asset(["name": "plan_b", "contentType": "text/plain"], of: .consumer)
                let unnamed = try await client.asset(["size": 1], of: .consumer)
                let foreign = try await client.asset(["name": "weather"], of: .other)

                let all = try await list()
                #expect(all.compactMap { $0["id"]?.string } == [unnamed, empty, table])
                #expect(all[2]["did"]?.string == "did:dep:\(test.agent.id)/\(table)")
                #expect(all[2]["name"] == "Wetter-ÄRGER.csv" && all[2]["type"] == "dataset")
                #expect(all[2]["size"] == 3 && all[2]["content_type"] == "text/csv")
                #expect(all[1].object?.keys == ["id", "did", "name", "type", "created"])
                #expect(all[0]["name"] == nil && all[0]["type"] == "dataset")
                #expect(all.allSatisfy { $0["created"]?.string?.wholeMatch(of: /20[-0-9]{8}T[0-9:.]+Z/) != nil })
                #expect(try await list(as: .other).compactMap { $0["id"]?.string } == [foreign])

                let questions = [
                    ("?q=", 3), ("?q=wetter", 1), ("?q=%C3%A4rger", 1), ("?q=_", 1), ("?q=%25", 0), ("?q=weather", 0),
                ]
                for (query, count) in questions { #expect(try await list(query).count == count, "\(query)") }
                #expect(try await client.ask(.get, "/assets").status == 401)
            }
        }

        @Test func whatJobsMadeIsThereToo() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let made = try await client.privateAsset().id
                let list = try await client.ask(.get, "/assets", as: .consumer).json["assets"]?.array
                let found = try #require(list?.first { $0["id"]?.string == made })
                #expect(found["size"] == 65 && found["content_type"] == "text/plain")
                let others = try await client.ask(.get, "/assets", as: .admin)
                #expect(!others.text.contains(made))
            }
        }

        @Test func longListsComeInPages() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                var ids: [String] = []
                for number in 1...5 {
                    ids.append(try await client.asset(["name": .string("table \(number)")], of: .consumer))
                }
                _ = try await client.asset(["name": "other"], of: .consumer)
                var (found, query): ([String], String?) = ([], "")
                while let cursor = query {
                    let page = try await client.ask(.get, "/assets?q=TABLE&limit=2" + cursor, as: .consumer).json
                    found += page["assets"]?.array?.compactMap { $0["id"]?.string } ?? []
                    query = page["next_cursor"]?.string.map { "&cursor=\($0)" }
                }
                #expect(found == ids.reversed())
            }
        }
    }
}
