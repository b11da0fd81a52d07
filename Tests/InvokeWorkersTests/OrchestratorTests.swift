import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Orchestrations from their acceptance to their end, with real programs as their children.
@Suite(.serialized, .timeLimit(.minutes(5))) struct OrchestratorTests {
    private static let say = #"printf '%s' "$INVOKE_INPUT_WORD""#

    /// An operation that puts its name around its word.
    private static func wrap(_ name: String, _ test: TestAgent) async throws -> String {
        try await test.shell(name, #"printf '\#(name)(%s)' "$INVOKE_INPUT_WORD""#)
    }

    private static func children(of job: JobID, _ test: TestAgent) throws -> [String: ChildJob] {
        let children = try #require(try test.store.result(of: job)).children
        return Dictionary(uniqueKeysWithValues: children.map { ($0.name, $0) })
    }

    @Test func aDiamondRunsInTheOrderOfItsEdges() async throws {
        let test = try await TestAgent()
        let join = try await test.register(
            """
            name: join
            version: 1.0.0
            operations:
              run:
                inputs: {one: {type: string}, two: {type: string}}
                outputs: {said: {type: string}}
                run: {engine: process, command: [sh, -c, 'printf "%s+%s" "$INVOKE_INPUT_ONE" "$INVOKE_INPUT_TWO"']}
            """
        ).operations[0].asset.description
        let whole = try await test.orchestrate(
            children: [
                ("last", join), ("left", try await Self.wrap("l", test)), ("right", try await Self.wrap("r", test)),
                ("first", try await Self.wrap("f", test)),
            ],
            edges: [
                "word -> first.word", "first.said -> left.word", "first.said -> right.word", "left.said -> last.one",
                "right.said -> last.two", "last.said -> said",
            ]
        )
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(whole, ["word": "x"]))
            #expect(job.state == .succeeded && job.result == #"{"said":"l(f(x))+r(f(x))"}"#)
            let children = try Self.children(of: job.id, test)
            #expect(children.count == 4 && children.values.allSatisfy { $0.state == .succeeded })
            #expect(children["left"]?.result == #"{"said":"l(f(x))"}"#)
            let consumer = try await test.account("consumer")
            var jobs: [String: Job] = [:]
            for (name, child) in children {
                jobs[name] = try await test.agent.job("\(try #require(child.id))", for: consumer)
                #expect(jobs[name]?.parent == job.id && jobs[name].map { $0.deadline <= job.deadline } == true)
            }
            for (before, after) in [("first", "left"), ("first", "right"), ("left", "last"), ("right", "last")] {
                #expect(try #require(jobs[before]?.endedAt) <= (try #require(jobs[after]?.createdAt)))
            }
        }
    }

    @Test func whatDoesNotWaitRunsTogetherAndACancelReachesAllOfIt() async throws {
        let test = try await TestAgent()
        let slow = try await test.shell("slow", "sleep 600")
        let inner = try await test.orchestrate(
            children: [("deep", slow)],
            edges: ["word -> deep.word", "deep.said -> said"]
        )
        let whole = try await test.orchestrate(
            children: [("one", slow), ("two", inner), ("after", try await Self.wrap("a", test))],
            edges: ["word -> one.word", "word -> two.word", "one.said -> after.word", "after.said -> said"]
        )
        try await test.withWorkers {
            let id = try await test.invoke(whole, ["word": "x"])
            var deep: JobID?
            try await eventually {
                let children = try Self.children(of: id, test)
                if let two = children["two"]?.id { deep = try Self.children(of: two, test)["deep"]?.id }
                guard let deep, children["one"]?.state == .running else { return false }
                return try test.store.result(of: deep)?.state == .running
            }
            _ = try await test.agent.cancelJob("\(id)", by: test.account("consumer"))
            #expect(try await test.ended(id).state == .cancelled)
            #expect(
                try Self.children(of: id, test).mapValues(\.state) == [
                    "one": .cancelled, "two": .cancelled, "after": .cancelled,
                ]
            )
            #expect(try Self.children(of: id, test)["after"]?.id == nil)
            #expect(try test.store.result(of: try #require(deep))?.state == .cancelled)
            // An attempt is open as long as its program can be there.
            try await eventually { try await test.store.openAttempts().isEmpty }
        }
    }

    @Test func aChildThatFailsEndsAllOthers() async throws {
        let test = try await TestAgent()
        let slow = try await test.shell("slow", "sleep 600")
        let whole = try await test.orchestrate(
            children: [
                ("bad", try await test.shell("bad", "echo out of luck >&2; exit 3")), ("slow", slow),
                ("after", try await Self.wrap("a", test)),
            ],
            edges: [
                "word -> bad.word", "word -> slow.word", "slow.said -> after.word", "after.said -> said",
            ]
        )
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(whole, ["word": "x"]))
            #expect(job.state == .failed && job.failure?.code == .operationFailed)
            let text = try #require(job.failure?.text)
            #expect(text.contains(#"The child "bad" did not succeed (8005)"#) && text.hasSuffix("out of luck"))
            let children = try Self.children(of: job.id, test)
            #expect(children.mapValues(\.state) == ["bad": .failed, "slow": .cancelled, "after": .cancelled])
            #expect(children["after"]?.failure?.code == .cancelled && children["after"]?.id == nil)
            try await eventually { try await test.store.openAttempts().isEmpty }
            #expect(try Self.children(of: job.id, test).mapValues(\.state) == children.mapValues(\.state))
        }
    }

    @Test func assetsPassByNameFromChildToChildAndOut() async throws {
        let test = try await TestAgent()
        let copy = try await test.shell(
            "copy",
            #"cat "$INVOKE_INPUT_TABLE" > "$INVOKE_OUTPUT_DIR/made"; printf more >> "$INVOKE_OUTPUT_DIR/made""#,
            ["outputs: {made: {type: asset}}"]
        )
        let read = try await test.shell("read", #"cat "$INVOKE_INPUT_TABLE""#)
        let whole = try await test.orchestrate(
            ["inputs": ["table": "asset"], "outputs": ["text": "string", "made": "asset"]],
            children: [("copy", copy), ("read", read)],
            edges: ["table -> copy.table", "copy.made -> read.table", "read.said -> text", "copy.made -> made"]
        )
        let table = try await test.publish("one ", by: "other")
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(whole, ["table": ["did": .string("\(table)")]]))
            let result = try JSON(parsing: job.result ?? "null")
            #expect(result["text"] == "one more")
            let made = try #require(result["made"]?["did"]?.string)
            let child = try #require(try Self.children(of: job.id, test)["copy"])
            #expect(try JSON(parsing: child.result ?? "null")["made"]?["did"]?.string == made)
            #expect(try await test.agent.content(of: made, for: test.account("consumer")).content.size == 8)
        }
    }

    @Test func whatCannotBeStartedFailsTheWhole() async throws {
        let test = try await TestAgent()
        let number = try await test.shell(
            "number",
            #"printf 5 > "$INVOKE_OUTPUT_DIR/said""#,
            ["outputs: {said: {type: json}}"]
        )
        let say = try await test.shell("say", Self.say)
        let wrongInput = try await test.orchestrate(
            children: [("number", number), ("say", say)],
            edges: ["word -> number.word", "number.said -> say.word", "say.said -> said"]
        )
        let wrongOutput = try await test.orchestrate(
            children: [("number", number)],
            edges: ["word -> number.word", "number.said -> said"]
        )
        try await test.withWorkers {
            let refused = try #require(try await test.ended(test.invoke(wrongInput, ["word": "x"])).failure)
            #expect(refused.code == .operationFailed)
            #expect(refused.text.contains(#"The child "say" did not succeed (8101): It could not be started."#))
            let mismatch = try #require(try await test.ended(test.invoke(wrongOutput, ["word": "x"])).failure)
            #expect(mismatch.code == .outputMismatch && mismatch.text.contains("must be a string, not a number"))
        }
    }

    @Test func theDeadlineOfTheWholeIsThatOfItsChildren() async throws {
        let test = try await TestAgent()
        let whole = try await test.orchestrate(
            children: [("slow", try await test.shell("slow", "sleep 600"))],
            edges: ["word -> slow.word", "slow.said -> said"]
        )
        try await test.withWorkers {
            let id = try await test.invoke(whole, ["word": "x"], lifetime: .milliseconds(700))
            #expect(try await test.ended(id).failure?.code == .deadlinePassed)
            #expect(try Self.children(of: id, test)["slow"]?.state.isTerminal == true)
        }
    }

    @Test func afterAShutdownItGoesOnWhereItWas() async throws {
        let test = try await TestAgent()
        let once = try await test.shell(
            "once",
            #"[ "$INVOKE_ATTEMPT" -gt 1 ] || sleep 600; printf '%s' "$INVOKE_ATTEMPT""#
        )
        let whole = try await test.orchestrate(
            children: [("first", try await Self.wrap("f", test)), ("once", once)],
            edges: ["word -> first.word", "first.said -> once.word", "once.said -> said"]
        )
        let id = try await test.invoke(whole, ["word": "x"])
        try await test.withWorkers(drainGrace: .milliseconds(100)) {
            try await eventually { try Self.children(of: id, test)["once"]?.state == .running }
        }
        #expect(try await test.store.job(id)?.state == .running)
        let before = try Self.children(of: id, test).mapValues(\.id)
        try await test.withWorkers {
            let job = try await test.ended(id)
            #expect(job.result == #"{"said":"2"}"# && job.attempts == 2)
            #expect(try Self.children(of: id, test).mapValues(\.id) == before)
        }
    }
}
