import Foundation
import InvokeModel
import InvokeStore
import Testing

/// Accounts and tokens, logs, announcements, assets: what each family of tables promises.
@Suite(.timeLimit(.minutes(5))) struct StoreFamiliesTests {
    @Test func aRemovedAccountFreesItsNameAndItsTokensDie() async throws {
        let bench = try await Bench()
        let lookup = Array(repeating: UInt8(5), count: 16)
        try await bench.store.createToken(lookup: lookup, for: bench.bob.id, expiresAt: bench.now + 60)
        #expect(try await bench.store.token(lookup: lookup)?.account == bench.bob)
        let job = try await bench.schedule(of: bench.bob)

        #expect(try await bench.store.removeAccount(named: "bob"))
        #expect(try await bench.store.token(lookup: lookup) == nil)
        #expect(try await bench.store.account(named: "bob") == nil)
        #expect(try await bench.store.job(job)?.owner == bench.bob.id)
        #expect(try await !bench.store.removeAccount(named: "bob"))

        let next = try await bench.store.createAccount(
            username: "bob",
            publicID: .random(),
            passwordHash: "scrypt$other",
            roles: [.consumer]
        )
        #expect(next.id != bench.bob.id)
        #expect(try await bench.store.tokenLookups(of: next.id).isEmpty)
    }

    @Test func aLiveNameIsTakenOnce() async throws {
        let bench = try await Bench()
        await #expect {
            try await bench.store.createAccount(
                username: "ada",
                publicID: .random(),
                passwordHash: "scrypt$other",
                roles: [.consumer]
            )
        } throws: {
            ($0 as? Refusal)?.code == .alreadyRegistered
        }
    }

    @Test func aTokenDiesAtItsTime() async throws {
        let bench = try await Bench()
        let lookup = Array(repeating: UInt8(5), count: 16)
        try await bench.store.createToken(lookup: lookup, for: bench.ada.id, expiresAt: bench.now + 60)
        bench.advance(by: 59)
        #expect(try await bench.store.token(lookup: lookup) != nil)
        bench.advance(by: 1)
        #expect(try await bench.store.token(lookup: lookup) == nil)
        #expect(try await bench.store.tokenLookups(of: bench.ada.id).isEmpty)
    }

    @Test func nobodyRevokesTheTokenOfAnother() async throws {
        let bench = try await Bench()
        let lookup = Array(repeating: UInt8(5), count: 16)
        try await bench.store.createToken(lookup: lookup, for: bench.ada.id, expiresAt: bench.now + 60)
        #expect(try await !bench.store.revokeToken(lookup: lookup, of: bench.bob.id))
        #expect(try await bench.store.revokeToken(lookup: lookup, of: bench.ada.id))
        #expect(try await bench.store.token(lookup: lookup) == nil)
    }

    @Test func theLogIsReadInTheOrderItWasSaid() async throws {
        let bench = try await Bench()
        let (id, other) = (try await bench.schedule(), try await bench.schedule())
        for number in 0..<12 {
            try await bench.store.appendLog(Array("\(number) ".utf8), of: id)
            try await bench.store.appendLog(Array("no ".utf8), of: other)
        }
        #expect(String(decoding: try await bench.store.log(of: id), as: UTF8.self) == "0 1 2 3 4 5 6 7 8 9 10 11 ")
    }

    @Test(arguments: [
        (nil, [JobState.succeeded, .failed, .cancelled]),
        (["job.succeeded"], [.succeeded]),
        (["job.failed", "job.cancelled"], [.failed, .cancelled]),
        (["job.fail"], []),
    ])
    func aWebhookHearsOfTheEventsItWants(events: [String]?, heard: [JobState]) async throws {
        let bench = try await Bench()
        for state in [JobState.succeeded, .failed, .cancelled] {
            let id = try await bench.store.schedule(
                bench.job(webhook: "https://example.com/hook", events: events)
            ).job
            #expect(try await bench.store.deliveries(of: id).isEmpty)
            if state == .cancelled {
                #expect(try await bench.store.cancel(id) == .cancelled)
            } else {
                let box = try #require(try await bench.claim())
                let failure = JobFailure(.operationFailed, "no")
                try await bench.end(
                    box,
                    as: state == .succeeded ? .succeeded(result: [:], assets: []) : .failed(failure)
                )
            }
            let deliveries = try await bench.store.deliveries(of: id)
            #expect(deliveries.map(\.url) == (heard.contains(state) ? ["https://example.com/hook"] : []))
        }
    }

    @Test func aJobWithoutAWebhookIsNotAnnounced() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        #expect(try await bench.store.cancel(id) == .cancelled)
        #expect(try await bench.store.deliveries(of: id).isEmpty)
    }

    @Test func theContentOfAnAssetNeverChanges() async throws {
        let bench = try await Bench()
        let asset = Bench.asset()
        #expect(try await bench.store.register(asset, owner: bench.ada.id))
        #expect(try await !bench.store.register(asset, owner: bench.bob.id))
        let content = ContentReference(hash: .random(), size: 3)
        let other = ContentReference(hash: .random(), size: 3)
        #expect(try await bench.store.keep(content, for: asset.id) == .stored)
        #expect(try await bench.store.keep(content, for: asset.id) == .alreadyThere)
        #expect(try await bench.store.keep(other, for: asset.id) == .different)
        let kept = try await bench.store.asset(asset.id)
        #expect(kept?.content == content && kept?.owner == bench.ada.id)
    }

    @Test func progressIsNotedOfARunningJobOnly() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        try await bench.store.note(JobProgress(percent: 10, text: "early"), of: id)
        #expect(try await bench.store.job(id)?.progress == nil)
        let box = try #require(try await bench.claim())
        try await bench.store.note(JobProgress(percent: 60, text: "well"), of: id)
        #expect(try await bench.store.job(id)?.progress == JobProgress(percent: 60, text: "well"))
        try await bench.end(box, as: .succeeded(result: [:], assets: []))
        try await bench.store.note(JobProgress(percent: 70, text: "late"), of: id)
        #expect(try await bench.store.job(id)?.progress?.percent == 60)
    }

    @Test func theEndOfAJobWakesWhoWaitsForIt() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let (looked, look) = AsyncStream.makeStream(of: Void.self)
        async let waited: Void = bench.store.signals.waitForEnd(
            ofAny: [id],
            atMost: .seconds(3600),
            clock: ContinuousClock()
        ) {
            look.yield()
            return false
        }
        for await _ in looked { break }
        #expect(try await bench.store.cancel(id) == .cancelled)
        try await waited
    }
}
