import Foundation
import GRDB
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// What is told of a job's life (agent.md §5).
@Suite struct EventTests {
    @Test func aJobsLifeIsToldInTheOrderItWent() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        let first = try #require(try await bench.claim())
        try await bench.store.appendLog(Array("hello\n".utf8), of: id)
        try await bench.end(first, as: .retry(at: bench.now, reason: "again"))
        bench.advance(by: 1)
        let second = try #require(try await bench.claim())
        try await bench.end(second, as: .succeeded(result: ["a": "b"], assets: []))
        let page = try await bench.store.events(of: id, .all, after: JobPlace())
        #expect(
            page.events.map(\.word) == [
                "scheduled", "attempt 1", "hello\n", "wait: retry: again", "attempt 2", "succeeded",
            ]
        )
        #expect(page.isOver && !page.hasMore)
        #expect(page.events.map(\.id) == page.events.map(\.id).sorted())
        #expect(page.events.last?.time == bench.now)
        let log = try await bench.store.events(of: id, .log, after: JobPlace())
        #expect(log.events.map(\.word) == ["hello\n", "succeeded"])
    }

    @Test func whoComesBackIsToldOfTheRestOnly() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        var place = JobPlace()
        var words: [String] = []
        for number in 0..<250 { try await bench.store.appendLog(Array("\(number)\n".utf8), of: id) }
        var isOver = false
        for _ in 0..<3 {
            // What a reader keeps is the text of a place.
            place = try #require(JobPlace(place.description))
            let page = try await bench.store.events(of: id, .all, after: place)
            for event in page.events { place.pass(event) }
            words += page.events.map(\.word)
            isOver = page.isOver
        }
        #expect(words == (0..<250).map { "\($0)\n" })
        #expect(!isOver)
        #expect(try await bench.store.cancel(id) == .cancelled)
        let rest = try await bench.store.events(of: id, .all, after: place)
        #expect(rest.events.map(\.word) == ["cancelled"] && rest.isOver)
    }

    @Test func onlyTheLastWordOnAProgressIsKept() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        _ = try #require(try await bench.claim())
        for percent in [10, 20, 30] {
            try await bench.store.note(JobProgress(percent: percent, text: "step"), of: id)
        }
        let page = try await bench.store.events(of: id, .all, after: JobPlace())
        #expect(page.events.map(\.word) == ["scheduled", "attempt 1", "30 step"])
    }

    @Test func theFeedTellsOfEveryJobFirstThatItIsThere() async throws {
        let bench = try await Bench()
        var place = try await bench.store.presentPlace()
        var jobs: [JobID] = []
        for _ in 0..<130 { jobs.append(try await bench.schedule()) }
        for id in jobs { _ = try await bench.store.cancel(id) }
        _ = try await bench.schedule(of: bench.bob)
        var events: [LifeEvent] = []
        var hasMore = true
        while hasMore {
            place = try #require(FeedPlace(place.description))
            let page = try await bench.store.events(ofAll: bench.ada.id, after: place)
            for event in page.events { place.pass(event) }
            events += page.events
            hasMore = page.hasMore
        }
        for state in ["scheduled", "cancelled"] {
            #expect(events.filter { $0.word == state }.map(\.job) == jobs)
        }
        #expect(events.count == 2 * jobs.count)
        for id in jobs { #expect(events.filter { $0.job == id }.map(\.word) == ["scheduled", "cancelled"]) }
        let quiet = try await bench.store.events(ofAll: bench.ada.id, after: place)
        #expect(quiet.events.isEmpty)
    }

    @Test func jobsRiseAlsoWhenTheClockIsSetBack() async throws {
        let bench = try await Bench()
        var last = try await bench.schedule()
        for _ in 0..<50 {
            bench.advance(by: -3600)
            let next = try await bench.schedule()
            #expect(next > last)
            last = next
        }
    }

    @Test func eventsNeverTakeTheNumbersOfRemovedOnes() async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        _ = try await bench.store.cancel(id)
        let before = try await bench.store.presentPlace()
        try await bench.store.removeJob(id)
        let other = try await bench.schedule()
        _ = try await bench.store.cancel(other)
        let page = try await bench.store.events(ofAll: bench.ada.id, after: before)
        #expect(page.events.map(\.word) == ["scheduled", "cancelled"])
        #expect(try await bench.store.events(of: id, .all, after: JobPlace()).isOver)
    }

    @Test(.timeLimit(.minutes(5)))
    func followersAreWokenByWhatIsTheirs() async throws {
        let bench = try await Bench()
        let (mine, other) = (try await bench.schedule(), try await bench.schedule())
        let (wakeUps, follower) = AsyncStream.makeStream(of: Void.self)
        let (others, otherFollower) = AsyncStream.makeStream(of: Void.self)
        bench.store.signals.follow(.job(mine), waking: follower)
        bench.store.signals.follow(.jobs(ofAccount: bench.bob.id), waking: otherFollower)
        try await bench.store.appendLog([0x0A], of: other)
        try await bench.store.appendLog([0x0A], of: mine)
        _ = try await bench.store.cancel(mine)
        bench.store.signals.stopWaits()
        var woken = 0
        for await _ in wakeUps { woken += 1 }
        #expect(woken == 2)
        for await _ in others { Issue.record("bob is told of what is not his") }
        let (late, lateFollower) = AsyncStream.makeStream(of: Void.self)
        bench.store.signals.follow(.job(mine), waking: lateFollower)
        for await _ in late { Issue.record("nothing is told any more") }
    }
}

extension LifeEvent {
    /// For comparisons.
    fileprivate var word: String {
        switch kind {
        case .scheduled: "scheduled"
        case .attempt(let number): "attempt \(number)"
        case .wait(_, let cause): "wait: \(cause)"
        case .progress(let progress): "\(progress.percent) \(progress.text)"
        case .log(let text): text
        case .end(let job): job.state.rawValue
        }
    }
}
