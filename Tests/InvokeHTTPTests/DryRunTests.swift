import Foundation
import HTTPTypes
import HummingbirdTesting
import InvokeAgent
import InvokeModel
import InvokeTesting
import OrderedCollections
import Testing

extension HTTPTests {
    /// What a call would come to (`?dryrun=1`).
    @Suite(.timeLimit(.minutes(5))) struct DryRunTests {
        private static let modes = [
            "/invokeasync": "async", "/invoke": "sync", "/api/v1/invoke/async": "async", "/api/v1/invoke/sync": "sync",
        ]
        private static let script: JSON = [
            "name": "echo", "image": "none", "script": "cat \"$INPUT_FILE_PATH\"",
            "input": [["storage_provider": "minio.default", "path": "tables/in", "suffix": [".csv"]]],
        ]

        /// What a store posts about new objects of the bucket `tables`.
        private static func event(_ keys: String...) -> [UInt8] {
            let records = keys.map { key -> JSON in
                [
                    "eventSource": "minio:s3", "eventName": "s3:ObjectCreated:Put",
                    "s3": ["bucket": ["name": "tables"], "object": ["key": .string(key), "sequencer": .string(key)]],
                ]
            }
            return (["Records": .array(records)] as JSON).bytes()
        }

        @Test func theAnswerTellsWhatTheCallWouldDoInTheSameWordsInEveryDialect() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let did = try await client.register(Definition.everything).did("shout")
                for (path, mode) in Self.modes {
                    let answer = try await client.dryRun("\(path)/\(did)", ["text": "hi"])
                    var told = try #require(answer.json.object)
                    let deadline = told.removeValue(forKey: "deadline")?.string ?? ""
                    let left = try Date(deadline, strategy: .iso8601).timeIntervalSinceNow
                    #expect((250...301).contains(left))
                    #expect(
                        JSON.object(told) == [
                            "dryrun": true, "operation": .string(did), "name": "shout", "mode": .string(mode),
                            "accepted": true, "refusals": [],
                            "inputs": [
                                "text": ["type": "string", "value": "hi"],
                                "mark": ["type": "string", "value": "!", "default": true],
                            ],
                            "price": .null,
                            "queue": [
                                "position": 1, "capacity": 1000, "reason": "starting",
                                "detail": "A slot of the service is free.", "ahead": 0,
                            ],
                        ]
                    )
                }
            }
        }

        @Test func aScriptIsAskedInTheSameWay() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let made = try await client.ask(.post, "/system/services", as: .admin, json: Self.script)
                try #require(made.status == 201, "\(made.text)")
                for (path, mode) in [("/run/echo", "sync"), ("/job/echo", "async")] {
                    let answer = try await client.dryRun(path, as: .admin, body: Array("aGVsbG8=".utf8))
                    #expect(answer.json["mode"] == .string(mode))
                    #expect(answer.json["inputs"] == ["input": ["type": "string", "value": "aGVsbG8="]])
                    #expect(answer.json["queue"]?["position"] == 1)
                    let wrong = try await client.dryRun(path, as: .admin, body: Array("no base64!".utf8))
                    #expect(wrong.codes == [8101])
                    #expect(try await client.ask(.post, "\(path)?dryrun=1", as: .consumer).status == 401)
                }
                #expect(try await client.ask(.post, "/run/unknown?dryrun=1", as: .admin).status == 404)
            }
        }

        @Test func anEventTellsHowManyJobsItWouldStart() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                _ = try await client.ask(.post, "/system/services", as: .admin, json: Self.script)
                let two = Self.event("in/a.csv", "in/b.csv", "in/notes.txt")
                let told = try await client.dryRun("/job/echo", as: .admin, body: two)
                #expect(told.json["jobs"] == 2)
                #expect(told.json["replay"] == nil)
                let none = try await client.dryRun("/job/echo", as: .admin, body: Self.event("in/notes.txt"))
                #expect(none.json["jobs"] == 0)
                #expect(none.json["queue"] == nil)
                let started = try await client.ask(.post, "/job/echo", as: .admin, body: two)
                #expect(started.status == 201)
                // An event that has been delivered already starts nothing new.
                let again = try await client.dryRun("/job/echo", as: .admin, body: two)
                #expect(again.json["replay"]?.string != nil)
            }
        }

        @Test func nothingChanges() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let (shout, hash) = (try registration.id("shout"), try registration.id("hash"))
                let price: JSON = ["amount": "1", "currency": "OCEAN"]
                let priced = Definition.service("priced", ["shout": Definition.shout(price: price)])
                let sold = try await client.register(priced).id("shout")
                let token = try await client.buy(sold)
                let asset = try await client.asset(["name": "letters"], "abc", of: .consumer)
                _ = try await client.ask(.post, "/system/services", as: .admin, json: Self.script)
                let headers = [
                    "Idempotency-Key": "order-66", "Webhook-URL": "http://127.0.0.1:9999/hook", "Purchase-Token": token,
                ]
                let (rows, files) = (try test.rows(), try test.contentFiles())
                #expect(rows["jobs"]?.isEmpty == true && rows["accounts"]?.count == 4)
                for path in Self.modes.keys {
                    for path in ["\(path)/\(shout)", "\(path)/\(sold)"] {
                        #expect(try await client.dryRun(path, ["text": "hi"], headers: headers).codes == [])
                        #expect(try await client.dryRun(path, ["txt": 1], headers: headers).codes == [8101])
                    }
                    let named: JSON = ["to_hash": ["did": .string(asset)]]
                    #expect(try await client.dryRun("\(path)/\(hash)", named, headers: headers).codes == [])
                }
                let long = Data(repeating: 7, count: 300 << 10).base64EncodedData()
                for path in ["/run/echo", "/job/echo"] {
                    let answer = try await client.dryRun(path, as: .admin, body: Array(long))
                    #expect(answer.json["inputs"]?["input"]?["size"]?.int == long.count)
                    #expect(answer.json["inputs"]?["input"]?["value"]?.string?.count == 256)
                }
                #expect(try test.rows() == rows)
                #expect(try test.contentFiles() == files)
            }
        }

        @Test func longValuesAreCutAndTheirSizesTold() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let inputs: JSON = ["text": ["type": "string"], "more": ["type": "json"], "less": ["type": "json"]]
                let operation = Definition.operation("echo fine", inputs: inputs)
                let id = try await client.register(Definition.service("easy", ["easy": operation])).id("easy")
                let list = JSON.array((0..<200).map { .number(JSONNumber($0)) })
                let answer = try await client.dryRun(
                    "/invoke/\(id)",
                    ["text": .string(String(repeating: "é", count: 300)), "more": list, "less": [1, "two"]]
                )
                let told = answer.json["inputs"]
                let start: JSON = .string(String(repeating: "é", count: 256))
                #expect(told?["text"] == ["type": "string", "value": start, "size": 600])
                #expect(told?["more"]?["value"] == .string(String(list.text.prefix(256))))
                #expect(told?["more"]?["size"]?.int == list.text.utf8.count)
                #expect(told?["less"] == ["type": "json", "value": [1, "two"]])
            }
        }

        @Test func onlyAClearYesMakesADryRun() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                for path in ["/invokeasync/\(shout)", "/api/v1/invoke/async/\(shout)"] {
                    for word in ["dryrun", "dryrun=", "dryrun=1", "dryrun=true", "dryrun=yes"] {
                        let answer = try await client.ask(.post, "\(path)?\(word)", as: .consumer, json: ["text": "hi"])
                        #expect(answer.json["dryrun"] == true, "\(word)")
                    }
                    for word in ["0", "false", "no"] {
                        let path = "\(path)?dryrun=\(word)"
                        #expect(try await client.ask(.post, path, as: .consumer, json: ["text": "hi"]).status == 201)
                    }
                    for word in ["2", "maybe", "TRUE", "1%20"] {
                        let path = "\(path)?dryrun=\(word)"
                        let answer = try await client.ask(.post, path, as: .consumer, json: ["text": "hi"])
                        #expect(answer.status == 400, "\(word)")
                        #expect(answer.errorcode == 8103, "\(word)")
                    }
                }
                let jobs = try await client.ask(.get, "/jobs", as: .consumer).json["jobs"]?.array
                #expect(jobs?.count == 6)
                _ = try await client.ask(.post, "/system/services", as: .admin, json: Self.script)
                for path in ["/run/echo", "/job/echo"] {
                    #expect(try await client.ask(.post, "\(path)?dryrun=maybe", as: .admin).status == 400)
                }
            }
        }

        @Test func whoIsNobodyAndWhatIsNoOperationAreRefusedAsEver() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let shout = try await client.register(Definition.everything).id("shout")
                let unknown = String(repeating: "0", count: 64)
                for path in Self.modes.keys {
                    #expect(try await client.ask(.post, "\(path)/\(shout)?dryrun=1", json: [:]).status == 401)
                    let answer = try await client.ask(.post, "\(path)/\(unknown)?dryrun=1", as: .consumer, json: [:])
                    #expect(answer.status == 404)
                    #expect(answer.errorcode == 8105)
                    let large = Array(repeating: UInt8(ascii: " "), count: 2 << 20)
                    let path = "\(path)/\(shout)?dryrun=1"
                    #expect(try await client.ask(.post, path, as: .consumer, body: large).status == 413)
                }
            }
        }
    }
}
