import Foundation
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Jobs that their provider runs, from their acceptance to their end, with a real server as the endpoint.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ProviderCallerTests {
    private static let done = Receiver.Reply.answer(200, body: #"{"outputs":{"said":"hello"}}"#)

    /// The body of a call.
    private static func body(_ request: Receiver.Request?) throws -> JSON {
        try JSON(parsing: try #require(request).body)
    }

    @Test func anAnswerAtOnceEndsTheJob() async throws {
        try await Receiver.answering(Self.done) { receiver in
            let test = try await TestAgent()
            let provider = try await test.account("provider")
            let secret = try await test.agent.rotateWebhookSecret(of: provider)
            let operation = try await test.endpoint(receiver.url)
            let table = try await test.publish("a,b\n", by: "consumer")
            try await test.withWorkers {
                let inputs: JSON = ["word": "hi", "more": ["n": 1], "table": ["did": .string("\(table)")]]
                let job = try await test.ended(test.invoke(operation, inputs))
                #expect(job.state == .succeeded && job.result == #"{"said":"hello"}"# && job.attempts == 1)
                let request = try #require(receiver.requests.first)
                #expect(receiver.requests.count == 1 && request.line == "POST /hook HTTP/1.1")
                #expect(StandardWebhooks.verify(request, secret: secret))
                #expect(request.headers["webhook-id"] == "job_\(job.id)")
                let call = try Self.body(request)
                #expect(call["jobid"]?.string == "\(job.id)" && call["attempt"] == 1)
                #expect(call["operation"]?.string == "\(test.agent.did(of: job.operation))")
                #expect(call["inputs"]?["word"] == "hi" && call["inputs"]?["more"] == ["n": 1])
                let asset = try #require(call["inputs"]?["table"])
                #expect(asset["did"]?.string == "\(table)" && asset["size"] == 4)
                let base = "https://agent.example/jobs/\(job.id)/"
                #expect(asset["url"]?.string?.hasPrefix(base + "inputs/table?expires=") == true)
                #expect(call["complete_url"]?.string == base + "complete")
                #expect(call["token"]?.string == test.agent.completionToken(of: job.id))
            }
        }
    }

    @Test func aJobThatWasTakenOnEndsWhenItsProviderSaysSo() async throws {
        try await Receiver.answering(.answer(202)) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url)
            try await test.withWorkers {
                let id = try await test.invoke(operation)
                try await eventually { try await test.store.completion(of: id) != nil }
                #expect(try await test.store.job(id)?.state == .running)
                try await test.agent.complete(id, with: ["outputs": ["said": "later"]])
                let job = try await test.ended(id)
                #expect(job.result == #"{"said":"later"}"# && job.attempts == 1)
                // Told again, because the answer may have been lost.
                try await test.agent.complete(id, with: ["outputs": ["said": "later"]])
                await #expect(throws: Refusal.self) {
                    try await test.agent.complete(id, with: ["outputs": ["said": "other"]])
                }
                #expect(receiver.requests.count == 1)
            }
        }
    }

    @Test func aProviderThatFailsLaterFailsTheJob() async throws {
        try await Receiver.answering(.answer(202)) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url)
            try await test.withWorkers {
                let id = try await test.invoke(operation)
                await receiver.received(1)
                try await test.agent.complete(id, with: ["error": ["description": "out of luck"]])
                let failure = try #require(try await test.ended(id).failure)
                #expect(failure == JobFailure(.operationFailed, "out of luck"))
            }
        }
    }

    @Test func afterARestartTheProviderIsNotCalledAgain() async throws {
        try await Receiver.answering(.answer(202)) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url)
            let (waiting, told) = (try await test.invoke(operation), try await test.invoke(operation))
            // A drain does not wait for what only waits.
            try await test.withWorkers(drainGrace: .seconds(3600)) {
                for job in [waiting, told] {
                    try await eventually { try await test.store.completion(of: job) != nil }
                }
            }
            #expect(try await test.store.openAttempts().isEmpty)
            try await test.agent.complete(told, with: ["outputs": ["said": "meanwhile"]])
            try await test.withWorkers {
                #expect(try await test.ended(told).result == #"{"said":"meanwhile"}"#)
                try await eventually { try await test.store.job(waiting)?.attempts == 2 }
                try await test.agent.complete(waiting, with: ["outputs": ["said": "afterwards"]])
                let job = try await test.ended(waiting)
                #expect(job.result == #"{"said":"afterwards"}"# && job.attempts == 2)
            }
            #expect(receiver.requests.count == 2)
        }
    }

    @Test func whatCanPassIsTriedAgainUnderTheSameId() async throws {
        try await Receiver.answering(
            .answer(503, body: "busy"),
            .reset,
            .answer(429, headers: ["Retry-After": "1"]),
            Self.done
        ) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url, run: "retries: 3")
            try await test.withWorkers {
                let job = try await test.ended(test.invoke(operation))
                #expect(job.result == #"{"said":"hello"}"# && job.attempts == 4)
                #expect(Set(receiver.requests.map { $0.headers["webhook-id"] }) == ["job_\(job.id)"])
                let attempts = try receiver.requests.map { try Self.body($0)["attempt"] }
                #expect(attempts == [1, 2, 3, 4])
            }
        }
    }

    @Test func aProviderThatAsksForTimeIsGivenIt() async throws {
        try await Receiver.answering(.answer(503, headers: ["Retry-After": "4000"])) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url)
            try await test.withWorkers {
                let id = try await test.invoke(operation, lifetime: .seconds(3600))
                try await eventually { try await test.store.job(id)?.claimableAt != nil && !receiver.requests.isEmpty }
                try await eventually {
                    let wait = try await test.store.job(id)?.claimableAt?.timeIntervalSince(test.store.now) ?? 0
                    return (280...301).contains(wait)
                }
                // What it says meanwhile is not left lying.
                try await test.agent.complete(id, with: ["outputs": ["said": "early"]])
                #expect(try await test.ended(id).result == #"{"said":"early"}"#)
                #expect(receiver.requests.count == 1)
            }
        }
    }

    @Test(arguments: [
        (
            Receiver.Reply.answer(503, body: "over\u{1b}[31mloaded"), 3, ErrorCode.operationFailed,
            "HTTP 503: over [31mloaded"
        ),
        (.reset, 3, .providerUnreachable, "can't be reached"),
        (.answer(400, body: "no such thing"), 1, .operationFailed, "HTTP 400: no such thing"),
        (.answer(302, headers: ["Location": "http://127.0.0.1:1/"]), 1, .operationFailed, "HTTP 302"),
        (.answer(201), 1, .operationFailed, "HTTP 201"),
        (.answer(200, body: "fine"), 1, .outputMismatch, "can't be read"),
        (.answer(200, body: "{}"), 1, .outputMismatch, "one of `outputs` and `error`"),
        (.answer(200, body: #"{"outputs":{}}"#), 1, .outputMismatch, "#/outputs/said: this string output is missing"),
        (.answer(200, body: #"{"outputs":{"said":1}}"#), 1, .outputMismatch, "must be a string, not a number"),
        (.answer(200, body: #"{"error":{"description":"out of luck"}}"#), 1, .operationFailed, "out of luck"),
        (.endless, 1, .outputTooLarge, "more than 1048576 bytes"),
    ])
    func everythingElseFailsTheJob(reply: Receiver.Reply, attempts: Int, code: ErrorCode, text: String) async throws {
        try await Receiver.answering(reply) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url)
            try await test.withWorkers {
                let job = try await test.ended(test.invoke(operation))
                let failure = try #require(job.failure)
                #expect(failure.code == code && failure.text.contains(text), "\(failure)")
                #expect(job.attempts == attempts && receiver.requests.count == attempts)
                #expect(!failure.text.contains("\(receiver.port)"))
            }
        }
    }

    @Test func theAttemptsAndTheJobHaveTheirTime() async throws {
        try await Receiver.answering(.hang) { receiver in
            let test = try await TestAgent()
            let slow = try await test.endpoint(receiver.url, run: "timeout: 300ms")
            try await test.withWorkers {
                let job = try await test.ended(test.invoke(slow))
                #expect(job.failure?.code == .deadlinePassed)
            }
        }
        try await Receiver.answering(.answer(202)) { receiver in
            let test = try await TestAgent()
            let slow = try await test.endpoint(receiver.url)
            try await test.withWorkers {
                let id = try await test.invoke(slow, lifetime: .milliseconds(500))
                #expect(try await test.ended(id).failure?.code == .deadlinePassed)
                await #expect(throws: Refusal.self) {
                    try await test.agent.complete(id, with: ["outputs": ["said": "late"]])
                }
            }
        }
    }

    @Test(arguments: [Receiver.Reply.hang, .answer(202)])
    func aCancelEndsTheWaitAtOnce(reply: Receiver.Reply) async throws {
        try await Receiver.answering(reply) { receiver in
            let test = try await TestAgent()
            let operation = try await test.endpoint(receiver.url)
            try await test.withWorkers {
                let id = try await test.invoke(operation)
                await receiver.received(1)
                _ = try await test.agent.cancelJob("\(id)", by: test.account("consumer"))
                #expect(try await test.ended(id).state == .cancelled)
                try await eventually { try await test.store.openAttempts().isEmpty }
            }
        }
    }

    @Test func assetsComeInlineOrByTheNameOfOneOfTheProviders() async throws {
        let test = try await TestAgent()
        let own = try await test.publish("stored before", by: "provider")
        let reply = """
            {"outputs": {"made": {"content": "aW5saW5l", "content_type": "text/plain"}, "kept": {"did": "\(own)"}}}
            """
        try await Receiver.answering(.answer(200, body: reply)) { receiver in
            let outputs = "made: {type: asset, content_type: text/csv}, kept: {type: asset, content_type: text/csv}"
            let operation = try await test.endpoint(receiver.url, outputs: outputs)
            try await test.withWorkers {
                let job = try await test.ended(test.invoke(operation))
                let result = try JSON(parsing: try #require(job.result, "\(job.failure?.text ?? "")"))
                let consumer = try await test.account("consumer")
                for (name, text, type) in [("made", "inline", "text/plain"), ("kept", "stored before", "text/csv")] {
                    let did = try #require(result[name]?["did"]?.string)
                    #expect(did != "\(own)")
                    let content = try await test.agent.content(of: did, for: consumer)
                    #expect(try String(contentsOfFile: content.path, encoding: .utf8) == text)
                    #expect(content.asset.owner == consumer.id && content.asset.isPrivate)
                    #expect(content.asset.facts.contentType == type)
                    let walk = try await test.agent.provenance(ofJob: "\(job.id)", for: consumer)
                    #expect(walk.text.contains(String(did.suffix(64))))
                }
            }
        }
    }

    @Test func anAssetOfSomebodyElseIsNoOutput() async throws {
        let test = try await TestAgent()
        let foreign = try await test.publish("not the provider's", by: "other")
        let reply = """
            {"outputs": {"a": {"did": "\(foreign)"}, "b": {"did": "did:dep:\(String(repeating: "0", count: 64))"},
             "c": {"did": "\(foreign)", "content": "eA=="}}}
            """
        try await Receiver.answering(
            .answer(200, body: reply),
            .answer(200, body: reply.replacing(#", "content": "eA==""#, with: ""))
        ) { receiver in
            let outputs = "a: {type: asset}, b: {type: asset}, c: {type: asset}"
            let operation = try await test.endpoint(receiver.url, outputs: outputs)
            try await test.withWorkers {
                let shape = try #require(try await test.ended(test.invoke(operation)).failure)
                #expect(shape.code == .outputMismatch && shape.text.contains("#/outputs/c: must be"))
                let failure = try #require(try await test.ended(test.invoke(operation)).failure)
                #expect(failure.code == .outputMismatch)
                for name in ["a", "b", "c"] { #expect(failure.text.contains("#/outputs/\(name): names no asset")) }
            }
        }
    }
}
