import Foundation
import InvokeAgent
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Jobs from their acceptance to their end, with real programs in the sandbox.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WorkerTests {
    @Test func aJobRunsAndEndsWithWhatItsProgramSaid() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("echo", #"printf '%s' "$INVOKE_INPUT_WORD""#)
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation, ["word": "hello"]))
            #expect(job.state == .succeeded)
            #expect(job.result == #"{"said":"hello"}"#)
            #expect(job.attempts == 1 && job.failure == nil)
            let started = try #require(job.startedAt)
            let ended = try #require(job.endedAt)
            #expect(job.createdAt <= started && started <= ended)
        }
    }

    @Test func aProgramThatFailsIsToldWithItsLastWords() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell(
            "fail",
            "for n in 1 2 3 4 5 6 7; do echo line $n; done; echo out of luck >&2; exit 3"
        )
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation))
            #expect(job.state == .failed && job.attempts == 1)
            #expect(job.failure?.code == .operationFailed)
            let text = try #require(job.failure?.text)
            #expect(text.contains("status 3") && text.hasSuffix("out of luck"))
            // What it said on standard output is no reason.
            #expect(!text.contains("line 7"))
        }
    }

    @Test func anOperationThatAsksForRetriesIsTriedAgain() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell(
            "stubborn",
            #"echo "try $INVOKE_ATTEMPT" >&2; [ "$INVOKE_ATTEMPT" = 3 ] && printf yes"#,
            ["retries: 2"]
        )
        try await test.withWorkers {
            let id = try await test.invoke(operation)
            let job = try await test.ended(id)
            #expect(job.state == .succeeded && job.attempts == 3)
            #expect(job.result == #"{"said":"yes"}"#)
            let log = try await test.store.log(of: id)
            #expect(String(decoding: log, as: UTF8.self).contains("try 1\ntry 2\ntry 3\n"))
        }
    }

    @Test func retriesComeToAnEnd() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("hopeless", "exit 1", ["retries: 1"])
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation))
            #expect(job.state == .failed && job.attempts == 2)
            #expect(job.failure?.code == .operationFailed)
        }
    }

    @Test func aMissingOutputFailsTheJob() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("silent", "true", ["outputs: {file: {type: asset}}"])
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation))
            #expect(job.state == .failed && job.failure?.code == .outputMismatch)
        }
    }

    @Test func aProgramThatTakesTooLongIsStopped() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("slow", "sleep 600", ["timeout: 300ms"])
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation))
            #expect(job.state == .failed && job.failure?.code == .deadlinePassed)
        }
    }

    @Test func aProgramThatIsKilledIsToldSo() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("suicide", "kill -SEGV $$")
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation))
            #expect(job.state == .failed && job.failure?.code == .killedBySignal)
        }
    }

    @Test func aRunningJobIsCancelled() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("slow", "echo begun >&2; sleep 600")
        let consumer = try await test.account("consumer")
        try await test.withWorkers {
            let id = try await test.invoke(operation)
            try await eventually { try await !test.store.log(of: id).isEmpty }
            #expect(try await test.agent.cancelJob(id.description, by: consumer).state == .running)
            let job = try await test.ended(id)
            #expect(job.state == .cancelled && job.failure?.code == .cancelled)
            #expect(try await test.agent.cancelJob(id.description, by: consumer).state == .cancelled)
        }
    }

    @Test func aWaitingJobIsCancelledAtOnceAndNeverRuns() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("echo", "printf said")
        let consumer = try await test.account("consumer")
        let id = try await test.invoke(operation)
        #expect(try await test.agent.cancelJob(id.description, by: consumer).state == .cancelled)
        try await test.withWorkers {
            let other = try await test.ended(test.invoke(operation))
            #expect(other.state == .succeeded)
        }
        let job = try await test.ended(id)
        #expect(job.state == .cancelled && job.attempts == 0 && job.startedAt == nil)
    }

    @Test func anEndedJobCannotBeCancelled() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell("echo", "printf said")
        let consumer = try await test.account("consumer")
        try await test.withWorkers {
            let id = try await test.invoke(operation)
            #expect(try await test.ended(id).state == .succeeded)
            await #expect {
                try await test.agent.cancelJob(id.description, by: consumer)
            } throws: {
                ($0 as? Refusal)?.code == .conflict
            }
        }
    }

    @Test func progressAndLogAreKept() async throws {
        let test = try await TestAgent()
        let script = #"""
            echo first; echo '::progress 40 nearly half'; echo second >&2; printf x > "$INVOKE_OUTPUT_DIR/said"
            """#
        let operation = try await test.shell("talk", script)
        try await test.withWorkers {
            let id = try await test.invoke(operation)
            let job = try await test.ended(id)
            #expect(job.progress == JobProgress(percent: 40, text: "nearly half"))
            let log = String(decoding: try await test.store.log(of: id), as: UTF8.self)
            #expect(log.split(separator: "\n").sorted() == ["first", "second"])
            #expect(job.result == #"{"said":"x"}"#)
        }
    }

    @Test func anInputAssetReachesItsProgram() async throws {
        let test = try await TestAgent()
        let did = try await test.publish("a,b\n1,2\n", by: "provider")
        let operation = try await test.shell("cat", #"cat "$INVOKE_INPUT_TABLE""#)
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation, ["table": ["did": .string(did.description)]]))
            #expect(job.result == #"{"said":"a,b\n1,2"}"#)
        }
    }

    @Test func producedAssetsBelongToTheCallerAlone() async throws {
        let test = try await TestAgent()
        let operation = try await test.shell(
            "make",
            #"printf made > "$INVOKE_OUTPUT_DIR/file""#,
            ["outputs: {file: {type: asset, content_type: text/plain}}"]
        )
        let other = try await test.account("other")
        try await test.withWorkers {
            let job = try await test.ended(test.invoke(operation))
            let did = try #require(try JSON(parsing: job.result ?? "")["file"]?["did"]?.string)

            let content = try await test.agent.content(of: did, for: test.account("consumer"))
            #expect(try String(contentsOfFile: content.path, encoding: .utf8) == "made")
            #expect(content.asset.facts.contentType == "text/plain")
            #expect(content.asset.facts.contentHash == content.content.hash)
            for stranger in [other, nil] {
                await #expect {
                    try await test.agent.content(of: did, for: stranger)
                } throws: {
                    ($0 as? Refusal)?.code == .unknownResource
                }
                await #expect {
                    try await test.agent.metadata(of: did, for: stranger)
                } throws: {
                    ($0 as? Refusal)?.code == .unknownResource
                }
            }
            let metadata = try await test.agent.metadata(of: did, for: test.account("consumer"))
            let provenance = try JSON(parsing: metadata)["provenance"]
            #expect(provenance?["activity"]?[job.id.description] != nil)
        }
    }

    @Test func whatOneJobMadeAnotherOfTheSameCallerUses() async throws {
        let test = try await TestAgent()
        let make = try await test.shell(
            "make",
            #"printf made > "$INVOKE_OUTPUT_DIR/file""#,
            ["outputs: {file: {type: asset}}"]
        )
        let read = try await test.shell("read", #"cat "$INVOKE_INPUT_TABLE""#)
        try await test.withWorkers {
            let made = try await test.ended(test.invoke(make))
            let file = try #require(try JSON(parsing: made.result ?? "")["file"])
            let job = try await test.ended(test.invoke(read, ["table": file]))
            #expect(job.result == #"{"said":"made"}"#)
        }
    }

    @Test func aJobOfEachServiceRunsThoughAnotherServiceIsFull() async throws {
        let test = try await TestAgent()
        let slow = try await test.shell("slow", "sleep 600")
        let quick = try await test.shell("quick", "printf done")
        let consumer = try await test.account("consumer")
        try await test.withWorkers {
            var waiting: [JobID] = []
            for _ in 0..<4 { waiting.append(try await test.invoke(slow)) }
            #expect(try await test.ended(test.invoke(quick)).state == .succeeded)
            for id in waiting { _ = try await test.agent.cancelJob(id.description, by: consumer) }
            for id in waiting { #expect(try await test.ended(id).state == .cancelled) }
        }
    }
}
