import Foundation
import InvokeModel
import InvokeStore
import Testing

/// Who is served next, and what becomes of attempts.
@Suite(.timeLimit(.minutes(5))) struct ClaimTests {
    @Test func oneCallerWithAThousandJobsDelaysAnotherByOne() async throws {
        let bench = try await Bench()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { _ = try await bench.schedule(of: bench.ada) } }
            try await group.waitForAll()
        }
        let late = try await bench.schedule(of: bench.bob)
        let first = try #require(try await bench.claim())
        let second = try #require(try await bench.claim(after: first.claim.owner))
        let third = try #require(try await bench.claim(after: second.claim.owner))
        #expect([first, second, third].map(\.claim.owner) == [bench.ada.id, bench.bob.id, bench.ada.id])
        #expect(second.claim.job == late)
    }

    /// Reliability promise B1.
    @Test(arguments: [
        (QueueRoom(ofService: 10), ErrorCode.queueFull), (QueueRoom(ofService: 20, ofCaller: 10), .callerQuota),
        (QueueRoom(ofService: 20, ofCaller: 20, ofAgent: 10), .queueFull),
    ])
    func aFullQueueTakesNotOneJobMore(room: QueueRoom, code: ErrorCode) async throws {
        let bench = try await Bench()
        let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    do {
                        _ = try await bench.store.schedule(bench.job(room: room))
                        return true
                    } catch let refusal as Refusal {
                        #expect(refusal.code == code)
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 10)
        #expect(try bench.count("jobs") == 10)
        _ = try #require(try await bench.claim())
        _ = try await bench.store.schedule(bench.job(room: room))
    }

    @Test func theJobsOfOneCallerAreServedOldestFirst() async throws {
        let bench = try await Bench()
        var ids: [JobID] = []
        for _ in 0..<3 {
            ids.append(try await bench.schedule())
            bench.advance(by: 1)
        }
        var served: [JobID] = []
        while let box = try await bench.claim() { served.append(box.claim.job) }
        #expect(served == ids)
    }

    @Test func aClaimedJobIsNotClaimedAgain() async throws {
        let bench = try await Bench()
        _ = try await bench.schedule()
        let first = try await bench.claim()
        let second = try await bench.claim()
        #expect(first != nil && second == nil)
    }

    @Test func aRetryCanBeClaimedWhenItsTimeHasCome() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let first = try #require(try await bench.claim())
        try await bench.end(first, as: .retry(at: bench.now + 10, reason: "later"))
        #expect(try await bench.state(id) == .running)
        #expect(try await bench.claim()?.claim.job == nil)
        bench.advance(by: 10)
        let second = try #require(try await bench.claim())
        #expect(second.claim.attempt == 2 && second.claim.counted == 2)
    }

    /// Reliability promise J7.
    @Test func aJobWhoseDeadlineHasPassedIsNotStartedButFails() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule(lifetime: .seconds(5))
        bench.advance(by: 5)
        #expect(try await bench.claim()?.claim.job == nil)
        try await bench.store.failOverdue()
        let job = try #require(try await bench.store.job(id))
        #expect(job.state == .failed && job.failure?.code == .deadlinePassed && job.attempts == 0)
    }

    @Test func aLateWriterOfAnOlderAttemptChangesNothing() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let late = try #require(try await bench.claim())
        try await bench.store.recover(maximum: 3)
        let present = try #require(try await bench.claim())
        let asset = Bench.asset()
        #expect(try await !bench.end(late, as: .succeeded(result: ["by": "late"], assets: [asset])))
        #expect(try await bench.state(id) == .running)
        #expect(try await bench.store.asset(asset.id) == nil)
        #expect(try await bench.end(present, as: .succeeded(result: ["by": "present"], assets: [])))
        #expect(try await bench.store.job(id)?.result == #"{"by":"present"}"#)
    }

    @Test func aJobThatTheAgentDiedWithFailsAtTheThirdTime() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        for attempt in 1...3 {
            #expect(try await bench.claim()?.claim.counted == attempt)
            #expect(try await bench.store.openAttempts().map(\.number) == [attempt])
            try await bench.store.recover(maximum: 3)
            #expect(try await bench.store.openAttempts().isEmpty)
            #expect(try await bench.state(id) == (attempt < 3 ? .running : .failed))
        }
        #expect(try await bench.store.job(id)?.failure?.code == .attemptsExhausted)
    }

    @Test func stopsInGoodOrderDoNotCount() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        for attempt in 1...5 {
            let box = try #require(try await bench.claim())
            #expect(box.claim.attempt == attempt && box.claim.counted == 1)
            try await bench.end(box, as: .interrupted(reason: "shutdown"))
        }
        _ = try #require(try await bench.claim())
        try await bench.store.recover(maximum: 3)
        #expect(try await bench.state(id) == .running)
    }

    @Test func aCancelledJobThatTheAgentDiedWithIsCancelledAtTheNextStart() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        _ = try #require(try await bench.claim())
        #expect(try await bench.store.cancel(id) == .running)
        try await bench.store.recover(maximum: 3)
        let job = try #require(try await bench.store.job(id))
        #expect(job.state == .cancelled && job.failure?.code == .cancelled)
    }

    @Test func anAttemptThatGoesOnWithoutTheAgentIsTakenOverAtTheNextStart() async throws {
        let bench = try await Bench()
        let (kept, ended) = (try await bench.schedule(), try await bench.schedule())
        let box = try #require(try await bench.claim())
        _ = try #require(try await bench.claim())
        try await bench.store.note(.slurm, of: box.claim)
        try await bench.store.note(place: "job 17 on n2", of: box.claim)
        let open = try await bench.store.openAttempts()
        #expect(open.map(\.job) == [kept, ended] && open.map(\.engine) == [.slurm, nil])

        bench.advance(by: 3600 * 24)
        try await bench.store.recover(keeping: [open[0]], for: .seconds(30), maximum: 3)
        #expect(try await bench.store.openAttempts().map(\.job) == [kept])
        // Its lease runs anew, so nobody rescues it before it is taken over.
        let news = try await bench.store.renew([], for: .seconds(30), maximum: 3) { _ in .seconds(1) }
        #expect(news.rescued == 0)
        let again = try #require(try await bench.resume(open[0]))
        #expect(again.claim.name == box.claim.name && again.claim.startedAt == box.claim.startedAt)
        #expect(again.claim.inputs == box.claim.inputs && again.claim.counted == 1)
        let attempt = try #require(try await bench.store.details(of: kept, slots: 1).attempts.first)
        #expect(attempt.engine == .slurm && attempt.place == "job 17 on n2")
        #expect(try await bench.end(again, as: .succeeded(result: [:], assets: [])))
        #expect(try await bench.resume(open[0]) == nil)
        #expect(try await bench.store.job(kept)?.attempts == 1)
    }

    @Test func aLogThatIsToldAgainReplacesThatOfItsOwnAttemptOnly() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let first = try #require(try await bench.claim())
        try await bench.store.appendLog(Array("first\n".utf8), of: id)
        try await bench.end(first, as: .interrupted(reason: "shutdown"))
        let second = try #require(try await bench.claim())
        try await bench.store.appendLog(Array("half".utf8), of: id)
        try await bench.store.rewindLog(of: second.claim)
        try await bench.store.appendLog(Array("half of it\n".utf8), of: id)
        #expect(String(decoding: try await bench.store.log(of: id), as: UTF8.self) == "first\nhalf of it\n")
    }

    @Test func aJobThatNoEngineCouldTakeWaitsAndIsNotBlamed() async throws {
        let bench = try await Bench()
        _ = try await bench.schedule()
        let box = try #require(try await bench.claim())
        let later = bench.store.now.addingTimeInterval(10)
        try await bench.end(box, as: .interrupted(reason: "no engine can be reached", until: later))
        #expect(try await bench.claim() == nil)
        bench.advance(by: 10)
        let again = try #require(try await bench.claim())
        #expect(again.claim.attempt == 2 && again.claim.counted == 1)
    }
}
