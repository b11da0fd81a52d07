import Foundation
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Stores of others that misbehave, with a real server in their place; how well-behaved ones are used, the clients' tests
/// show with MinIO.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ServiceStoresTests {
    private static func error(_ code: String) -> String {
        #"<?xml version="1.0"?><Error><Code>\#(code)</Code><Message>You may not.</Message><Key>x</Key></Error>"#
    }

    /// Registers a service that leaves a file for a store at a port, and gives the operation that runs it.
    private static func service(
        at port: Int,
        in test: TestAgent,
        input: JSON = [],
        annotations: JSON = [:]
    ) async throws -> String {
        let store: JSON = [
            "endpoint": .string("http://127.0.0.1:\(port)"), "access_key": "key", "secret_key": "hush",
        ]
        let definition: JSON = [
            "name": "leaves", "image": "none", "script": #"printf content > "$TMP_OUTPUT_DIR/a name""#,
            "input": input, "output": [["storage_provider": "minio.lab", "path": "bucket/out"]],
            "storage_providers": ["minio": ["lab": store]], "annotations": annotations,
        ]
        _ = try await test.agent.registerScript(definition, by: test.account("provider"))
        let service = try await test.agent.service(named: "leaves", for: nil)
        return service.operations[0].asset.description
    }

    @Test func whatCanPassIsTriedAgain() async throws {
        try await Receiver.answering(
            .answer(503, body: Self.error("SlowDown")),
            .reset,
            .answer(429, headers: ["Retry-After": "1"]),
            .answer(200)
        ) { receiver in
            let test = try await TestAgent()
            let operation = try await Self.service(
                at: receiver.port,
                in: test,
                annotations: ["agent/retries": "3"]
            )
            try await test.withWorkers {
                let job = try await test.ended(test.invoke(operation))
                #expect(job.state == .succeeded && job.attempts == 4)
                for request in receiver.requests {
                    #expect(request.line == "PUT /bucket/out/a%20name HTTP/1.1")
                    #expect(request.body == Array("content".utf8))
                    #expect(request.headers["content-length"] == "7")
                    #expect(request.headers["host"] == "127.0.0.1:\(receiver.port)")
                    #expect(request.headers["authorization"]?.contains("Credential=key/") == true)
                }
                let waits = receiver.requests.map(\.arrivedAt)
                try #require(waits.count == 4)
                #expect(waits[3] - waits[2] >= .seconds(1))
            }
        }
    }

    @Test(arguments: [
        (
            Receiver.Reply.answer(403, body: error("AccessDenied")), 1, ErrorCode.outputNotStored,
            "HTTP 403 for bucket/out/a name: AccessDenied: You may not."
        ),
        (.answer(301, headers: ["Location": "http://127.0.0.1:1/"]), 1, .outputNotStored, "HTTP 301"),
        (.answer(404, body: "<p>no\u{1b}[31m\npage"), 1, .outputNotStored, "bucket/out/a name: <p>no [31m page"),
        (.answer(400), 1, .outputNotStored, "HTTP 400 for bucket/out/a name."),
        (.answer(500, body: error("InternalError")), 3, .outputNotStored, "InternalError: You may not."),
        (.reset, 3, .providerUnreachable, "can't be reached"),
    ])
    func everythingElseFailsTheJob(reply: Receiver.Reply, attempts: Int, code: ErrorCode, text: String) async throws {
        try await Receiver.answering(reply) { receiver in
            let test = try await TestAgent()
            let operation = try await Self.service(at: receiver.port, in: test)
            try await test.withWorkers {
                let job = try await test.ended(test.invoke(operation))
                let failure = try #require(job.failure)
                #expect(failure.code == code && failure.text.contains(text), "\(failure)")
                #expect(failure.text.contains("minio.lab") && !failure.text.contains("\(receiver.port)"))
                #expect(job.attempts == attempts && receiver.requests.count == attempts)
            }
        }
    }

    @Test func aStoreThatIsSilentHasTheTimeOfTheJob() async throws {
        try await Receiver.answering(.hang) { receiver in
            let test = try await TestAgent()
            let operation = try await Self.service(at: receiver.port, in: test)
            try await test.withWorkers {
                let id = try await test.invoke(operation, lifetime: .seconds(2))
                let failure = try #require(try await test.ended(id).failure)
                #expect(failure.code == .deadlinePassed && failure.text.contains("minio.lab took longer"))
            }
        }
    }

    private static let event: JSON = [
        "Records": [["s3": ["bucket": ["name": "bucket"], "object": ["key": "in%2Fname"]]]]
    ]

    @Test(arguments: [
        (Receiver.Reply.hang, nil as JSON?, "PUT /bucket/out/a%20name HTTP/1.1"),
        (.hang, event, "GET /bucket/in/name HTTP/1.1"),
        (.endless, event, "GET /bucket/in/name HTTP/1.1"),
    ])
    func aCancelEndsATransferAtOnce(reply: Receiver.Reply, event: JSON?, line: String) async throws {
        try await Receiver.answering(reply) { receiver in
            let test = try await TestAgent()
            let source: JSON = ["storage_provider": "minio.lab", "path": "bucket/in"]
            _ = try await Self.service(at: receiver.port, in: test, input: [source])
            let record = try await test.agent.script(named: "leaves", for: test.account("provider"))
            let (script, owner) = try await test.agent.admit(
                "Bearer \(test.agent.token(of: record))",
                from: "127.0.0.1",
                toScript: record.name
            )
            try await test.withWorkers {
                let id = try await test.agent.schedule(script, [], event: event, mode: .async, by: owner)
                await receiver.received(1)
                #expect(receiver.requests.map(\.line) == [line])
                _ = try await test.agent.cancelJob("\(id)", by: owner)
                try await eventually { try await test.store.openAttempts().isEmpty }
                #expect(try await test.ended(id, for: "provider").state == .cancelled)
            }
        }
    }
}
