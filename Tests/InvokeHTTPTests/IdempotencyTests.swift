import HTTPTypes
import HummingbirdTesting
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

extension HTTPTests {
    /// The same request sent again is the same job (reliability promises I1 to I4).
    @Suite struct IdempotencyTests {
        private static let key = ["Idempotency-Key": "\"order-66\""]

        @Test(.timeLimit(.minutes(5)))
        func aRepeatedRequestGivesTheSameAnswerAndMakesNoSecondJob() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let path = "/invokeasync/\(try registration.id("shout"))"
                let first = try await client.ask(
                    .post,
                    path,
                    as: .consumer,
                    json: ["text": "hi", "mark": "?"],
                    headers: Self.key
                )
                #expect(first.status == 201)
                #expect(first.header("Idempotency-Replayed") == nil)
                // Members in another order, white space, and the key without its quotes are the same request.
                let again = try await client.ask(
                    .post,
                    path,
                    as: .consumer,
                    body: Array(#"{ "mark":"?" , "text":"hi" }"#.utf8),
                    headers: ["Idempotency-Key": "order-66", "Content-Type": "application/json"]
                )
                #expect(again.status == 201)
                #expect(again.bytes == first.bytes)
                #expect(again.header("Location") == first.header("Location"))
                #expect(again.header("Idempotency-Replayed") == "true")
                let jobs = try await client.ask(.get, "/jobs", as: .consumer).json["jobs"]?.array
                #expect(jobs?.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aHundredCopiesAtOnceMakeOneJob() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let operation = try registration.id("shout")
                let jobs = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<100 {
                        group.addTask { try await client.start(operation, ["text": "hi"], headers: Self.key) }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(jobs.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theKeyIsTheCallersForOneOperationAndOneRequest() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let shout = try registration.id("shout")
                let job = try await client.start(shout, ["text": "hi"], headers: Self.key)
                let other = try await client.ask(
                    .post,
                    "/invokeasync/\(shout)",
                    as: .consumer,
                    json: ["text": "bye"],
                    headers: Self.key
                )
                #expect(other.status == 422)
                #expect(other.errorcode == 8134)
                #expect(try await client.start(shout, ["text": "hi"], as: .other, headers: Self.key) != job)
                let failing = try registration.id("failing")
                #expect(try await client.start(failing, ["text": "hi"], headers: Self.key) != job)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aRefusalIsNotRemembered() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let path = "/invokeasync/\(try registration.id("shout"))"
                let bad = try await client.ask(.post, path, as: .consumer, json: ["txt": "hi"], headers: Self.key)
                #expect(bad.errorcode == 8101)
                let good = try await client.ask(.post, path, as: .consumer, json: ["text": "hi"], headers: Self.key)
                #expect(good.status == 201)
                #expect(good.header("Idempotency-Replayed") == nil)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func aSynchronousRepeatTellsTheResultOrThatItIsStillInProgress() async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let shout = "/invoke/\(try registration.id("shout"))"
                let first = try await client.ask(.post, shout, as: .consumer, json: ["text": "hi"], headers: Self.key)
                let again = try await client.ask(.post, shout, as: .consumer, json: ["text": "hi"], headers: Self.key)
                #expect(first.word == "completed")
                #expect(again.bytes == first.bytes)
                #expect(again.header("Idempotency-Replayed") == "true")
                let slow = "/invoke/\(try registration.id("slow"))?wait=0"
                let running = try await client.ask(.post, slow, as: .consumer, json: ["text": ""], headers: Self.key)
                let repeated = try await client.ask(.post, slow, as: .consumer, json: ["text": ""], headers: Self.key)
                #expect(repeated.status == 409)
                #expect(repeated.errorcode == 8130)
                let job = try running.string("jobid")
                _ = try await client.ask(.post, "/jobs/\(job)/cancel", as: .consumer)
                #expect(try await client.result(of: job).errorcode == 8208)
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: ["", "\"\"", "two words", String(repeating: "x", count: 256), "caf\u{e9}"]
        )
        func aKeyThatIsNoneIsRefused(key: String) async throws {
            let test = try await TestAgent()
            try await test.run { client in
                let registration = try await client.register(Definition.everything)
                let answer = try await client.ask(
                    .post,
                    "/invokeasync/\(try registration.id("shout"))",
                    as: .consumer,
                    json: ["text": "hi"],
                    headers: ["Idempotency-Key": key]
                )
                #expect(answer.status == 400)
                #expect(answer.errorcode == 8103)
            }
        }
    }
}
