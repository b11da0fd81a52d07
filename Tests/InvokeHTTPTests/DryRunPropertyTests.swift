import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeTesting
import NIOCore
import OrderedCollections
import Testing

extension HTTPTests {
    /// Whatever is asked for, the call itself then does what its dry run has told.
    @Suite(.timeLimit(.minutes(5))) struct DryRunPropertyTests {
        @Test(arguments: 0..<4 as Range<UInt64>)
        func theCallDoesWhatItsDryRunTold(seed: UInt64) async throws {
            let test = try await TestAgent()
            try await test.run { client in
                var draw = try await Draw(client, SeededNumbers(seed: seed))
                for number in 0..<80 {
                    let call = draw.call()
                    let told = try await client.dryRun(
                        call.path,
                        as: call.caller,
                        body: call.body,
                        headers: call.headers
                    )
                    let done = try await call.made(by: client)
                    let label = "\(seed)/\(number): \(call)\n\(told.text)\n\(done.text)"
                    #expect((told.json["accepted"] == true) == (done.status < 300), "\(label)")
                    #expect(told.codes.first == done.errorcode || done.status < 300, "\(label)")
                    #expect(told.statuses.first == done.status || done.status < 300, "\(label)")
                    if done.status < 300 {
                        let replay = done.header("Idempotency-Replayed") == nil ? nil : done.json["jobid"]
                        #expect(told.json["replay"] == replay, "\(label)")
                    }
                }
                for caller in [Caller.consumer, .other, .provider] { try await client.cancelAll(as: caller) }
            }
        }
    }
}

/// Draws invocations, good ones and bad ones, of a few operations.
private struct Draw {
    struct Call {
        let path: String
        let caller: Caller
        let body: [UInt8]
        let headers: [String: String]

        /// The answer to the call itself, which may be that the queue is full.
        func made(by client: some TestClientProtocol) async throws -> Answer {
            var fields: HTTPFields = [:]
            fields[.authorization] = caller.authorization
            for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
            let body = ByteBuffer(bytes: body)
            return Answer(try await client.execute(uri: path, method: .post, headers: fields, body: body))
        }
    }

    private enum Kind: CaseIterable { case shout, hash, syncOnly, asyncOnly, sold, full }

    private var numbers: SeededNumbers
    private var operations: [Kind: String] = [:]
    private let assets: [JSON]
    private let tokens: [String]

    init(_ client: some TestClientProtocol, _ numbers: SeededNumbers) async throws {
        self.numbers = numbers
        let everything = try await client.register(Definition.everything)
        operations[.shout] = try everything.id("shout")
        operations[.hash] = try everything.id("hash")
        operations[.syncOnly] = try everything.id("sync-only")
        operations[.asyncOnly] = try everything.id("async-only")
        let price: JSON = ["amount": "1", "currency": "OCEAN"]
        let priced = Definition.service("priced", ["shout": Definition.shout(price: price)])
        let sold = try await client.register(priced).id("shout")
        operations[.sold] = sold
        var full = Definition.service("full", concurrency: 1, ["slow": Definition.operation("sleep 290")]).object ?? [:]
        full["pool"] = ["concurrency": 1, "queue": 4]
        let slow = try await client.register(.object(full)).id("slow")
        operations[.full] = slow
        // Its slot is taken, so that nothing of it ends meanwhile.
        let running = try await client.start(slow, ["text": ""])
        try await eventually {
            try await client.ask(.get, "/jobs/result/\(running)", as: .consumer).word == "inprogress"
        }
        let own = try await client.asset(["name": "letters"], "abc", of: .consumer)
        let empty = try await client.asset(["name": "nothing"], of: .consumer)
        assets = [.string(own), .string(own), .string(empty), "did:dep:1", 7]
        tokens = [try await client.buy(sold), try await client.buy(sold), String(repeating: "0", count: 64), "unknown"]
    }

    mutating func call() -> Call {
        let kind = Kind.allCases[Int.random(in: 0..<Kind.allCases.count, using: &numbers)]
        let isSync = Bool.random(using: &numbers)
        let paths = isSync ? ["/invoke", "/api/v1/invoke/sync"] : ["/invokeasync", "/api/v1/invoke/async"]
        var headers: [String: String] = ["Content-Type": isOne(in: 20) ? "text/csv" : "application/json"]
        // A job that may end at any moment may end between the two.
        if isOne(in: 3), !isSync || kind == .full {
            headers["Idempotency-Key"] = one(of: ["a", "b", "\"a\"", "no key"])
        }
        if isOne(in: 4) { headers["Purchase-Token"] = one(of: tokens) }
        if isOne(in: 8) {
            headers["Webhook-URL"] = one(of: ["http://127.0.0.1:9999/x", "http://10.0.0.1/", "mailto:x"])
        }
        if isOne(in: 8) { headers["Webhook-Events"] = one(of: ["job.failed", "job.failed job.succeeded", "all"]) }
        if isOne(in: 8) { headers["Job-Timeout"] = one(of: ["280s", "4m", "soon", "0s"]) }
        let wait = isSync ? (isOne(in: 12) ? "?wait=soon" : "?wait=0") : ""
        return Call(
            path: "\(one(of: paths))/\(operations[kind] ?? "")\(wait)",
            caller: one(of: [.consumer, .consumer, .consumer, .other, .provider]),
            body: isOne(in: 20) ? Array("{\"text\":".utf8) : inputs(of: kind).bytes(),
            headers: headers
        )
    }

    private mutating func inputs(of kind: Kind) -> JSON {
        if isOne(in: 15) { return one(of: [[], "text", .null, [:]]) }
        if kind == .hash { return ["to_hash": ["did": one(of: assets)]] }
        var inputs: [JSON] = [["text": "hi"], ["text": "hi"], ["text": "hi"], ["text": "bye"]]
        if isOne(in: 4) {
            inputs = [["text": 5], ["txt": "hi"], ["text": "hi", "mark": "."], ["text": "hi", "mark": "?"]]
        }
        return one(of: inputs)
    }

    private mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &numbers) == 0 }

    private mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &numbers)]
    }
}
