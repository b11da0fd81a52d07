import Foundation
import GRDB
import InvokeModel
import InvokeStore
import Testing

/// Who is told of what, and how much may wait (reliability promises W1, W10; agent.md §7).
@Suite(.timeLimit(.minutes(5))) struct OutboxTests {
    private let bench: Bench

    init() async throws { bench = try await Bench() }

    @discardableResult
    private func end(_ state: JobState = .succeeded, of owner: Account? = nil, telling url: String? = nil) async throws
        -> JobID
    {
        let id = try await bench.store.schedule(bench.job(of: owner, webhook: url)).job
        if state == .cancelled {
            _ = try await bench.store.cancel(id)
        } else {
            let box = try #require(try await bench.claim())
            let failure = JobFailure(.operationFailed, "no")
            try await bench.end(box, as: state == .succeeded ? .succeeded(result: [:], assets: []) : .failed(failure))
        }
        return id
    }

    /// The newest ones, oldest first.
    private func deliveries(to webhook: WebhookID) async throws -> [DeliveryRecord] {
        try await bench.store.deliveries(to: webhook, nil, before: .max, limit: 20).reversed()
    }

    private func due() async throws -> [Delivery] {
        try await bench.store.dueDeliveries(queues: 100, perQueue: 100_000)
    }

    /// What the triggers keep is what is there.
    private func checkCounts(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try bench.sql { database in
            let kept = try Row.fetchAll(
                database,
                sql: "SELECT name, pending, next_at FROM delivery_queues ORDER BY name"
            )
            let counted = try Row.fetchAll(
                database,
                sql: """
                    SELECT queue AS name, count(*) AS pending, min(next_attempt_at) AS next_at FROM deliveries
                    WHERE state = 'pending' GROUP BY queue ORDER BY queue
                    """
            )
            #expect(kept == counted, sourceLocation: sourceLocation)
            let sums = try Row.fetchAll(database, sql: "SELECT pending, dead FROM outbox")
            let states = try Row.fetchAll(
                database,
                sql: "SELECT sum(state = 'pending') AS pending, sum(state = 'dead') AS dead FROM deliveries"
            )
            #expect(sums == states, sourceLocation: sourceLocation)
        }
    }

    @Test func theEndOfAJobIsToldToItsURLAndToEveryWebhookThatWantsIt() async throws {
        let all = try await bench.webhook()
        let failures = try await bench.webhook(events: [.failed, .cancelled])
        let successes = try await bench.webhook(events: [.succeeded], operation: bench.operation.id)
        let others = try await bench.webhook(operation: try await anotherOperation())
        let foreign = try await bench.webhook(of: bench.bob)
        for (state, told) in [
            (JobState.succeeded, [all, successes]), (.failed, [all, failures]), (.cancelled, [all, failures]),
        ] {
            let job = try await end(state, telling: "https://example.com/hook")
            let records = try await bench.store.deliveries(of: job)
            #expect(records.count == told.count + 1)
            // One id for one event, whoever is told.
            #expect(Set(records.map(\.eventID)).count == 1)
            for webhook in [all, failures, successes, others, foreign] {
                let found = try await deliveries(to: webhook).filter { $0.job?.id == job }
                #expect(found.count == (told.contains(webhook) ? 1 : 0))
                #expect(found.allSatisfy { $0.job?.state == state && $0.state == .pending })
            }
        }
        try checkCounts()
    }

    private func anotherOperation() async throws -> Int64 {
        let service = try await bench.store.registerService(
            NewService(
                name: "more",
                version: "1.0.0",
                definition: "{}",
                pool: PoolLimits(concurrency: nil, queue: 10),
                asset: Bench.asset(),
                operations: [NewOperation(name: "other", definition: "{}", asset: Bench.asset(), listing: nil)]
            ),
            owner: bench.ada.id
        )
        return try #require(try await bench.store.operations(of: service.id, limit: 1).first).id
    }

    @Test func whatFindsNoRoomIsADeadLetterThatCanBeReplayed() async throws {
        let webhook = try await bench.webhook()
        try await end()
        try fill(9_999, of: webhook.description)
        try await end()
        let full = try #require(try await deliveries(to: webhook).last)
        #expect(full.state == .dead)
        #expect(full.reason == .full)
        #expect(full.endedAt != nil)
        // The room of one receiver is not that of another.
        let other = try await bench.webhook()
        try await end()
        #expect(try await deliveries(to: other).map(\.state) == [.pending])
        let refused = try await bench.store.replay(.event(full.eventID), to: webhook)
        #expect(refused?.count == 0 && refused?.isCut == true)
        try checkCounts()
        try bench.sql { try $0.execute(sql: "DELETE FROM deliveries WHERE event_id LIKE 'fill-%'") }
        let replayed = try await bench.store.replay(.event(full.eventID), to: webhook)
        #expect(replayed?.count == 1 && replayed?.isCut == false)
        try checkCounts()
    }

    @Test func theAgentsRoomIsThatOfAllReceiversTogether() async throws {
        let webhook = try await bench.webhook()
        for number in 0..<10 { try fill(10_000, of: "https://\(number).example") }
        try await end()
        #expect(try await deliveries(to: webhook).last?.reason == .full)
        try checkCounts()
    }

    /// Lets many deliveries wait for a receiver.
    private func fill(_ count: Int, of queue: String) throws {
        try bench.sql { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
                    INSERT INTO deliveries (event_id, job_id, webhook_id, account_id, url, queue, state, next_attempt_at,
                        created_at)
                    SELECT 'fill-' || :queue || n, NULL, (SELECT min(id) FROM webhooks), :account, 'https://example.com/',
                        :queue, 'pending', :now + n, :now FROM numbers
                    """,
                arguments: ["count": count, "queue": queue, "account": bench.ada.id, "now": bench.now.milliseconds]
            )
        }
    }

    @Test func goneDisablesAWebhookAndWhatItMissesIsKept() async throws {
        let webhook = try await bench.webhook()
        for _ in 0..<3 { try await end() }
        let first = try #require(try await due().first)
        try await bench.store.note(bench.attempt(410), of: first, .gone)
        let disabled = try #require(try await bench.store.webhook(webhook, of: bench.ada.id))
        #expect(disabled.disabled?.reason == .gone)
        #expect(disabled.disabled?.since == bench.now)
        #expect(disabled.pending == 0)
        try await end()
        #expect(try await deliveries(to: webhook).map(\.reason) == [.gone, .disabled, .disabled, .disabled])
        #expect(try await due().isEmpty)
        await #expect(throws: Refusal.self) { try await bench.store.test(webhook) }
        await #expect(throws: Refusal.self) { try await bench.store.replay(.event(first.eventID), to: webhook) }
        try checkCounts()

        try await bench.store.enable(webhook)
        #expect(try await bench.store.webhook(webhook, of: bench.ada.id)?.disabled == nil)
        // Nothing is sent by itself.
        #expect(try await due().isEmpty)
        try await end()
        #expect(try await deliveries(to: webhook).last?.state == .pending)
        let missed = ReplayRange.times(from: .distantPast, until: .distantFuture, .dead)
        #expect(try await bench.store.replay(missed, to: webhook)?.count == 4)
        let records = try await deliveries(to: webhook)
        #expect(records.allSatisfy { $0.state == .pending && $0.attempts == 0 && $0.reason == nil })
        #expect(records[0].eventID == first.eventID)
        #expect(try await due().map(\.eventID) == records.map(\.eventID))
        try checkCounts()
    }

    @Test func fiveDaysOfFailuresDisableAWebhookAndASuccessBetweenThemDoesNot() async throws {
        let day: TimeInterval = 24 * 3600
        let webhook = try await bench.webhook()
        func fail() async throws {
            let delivery = try #require(try await due().first)
            try await bench.store.note(bench.attempt(), of: delivery, .again(bench.now))
        }
        try await end()
        try await fail()
        bench.advance(by: 4 * day)
        let delivery = try #require(try await due().first)
        try await bench.store.note(bench.attempt(200), of: delivery, .delivered)
        #expect(try await bench.store.webhook(webhook, of: bench.ada.id)?.failingSince == nil)
        try await end()
        try await fail()
        let since = bench.now
        bench.advance(by: 5 * day - 1)
        try await fail()
        #expect(try await bench.store.webhook(webhook, of: bench.ada.id)?.disabled == nil)
        #expect(try await bench.store.webhook(webhook, of: bench.ada.id)?.failingSince == since)
        bench.advance(by: 1)
        try await fail()
        #expect(try await bench.store.webhook(webhook, of: bench.ada.id)?.disabled?.reason == .failing)
        #expect(try await deliveries(to: webhook).map(\.reason) == [nil, .disabled])
    }

    @Test func anArrivalCountsThoughTheDeliveryWasGivenUpMeanwhile() async throws {
        let webhook = try await bench.webhook()
        for _ in 0..<2 { try await end() }
        let both = try await due()
        try await bench.store.note(bench.attempt(410), of: both[0], .gone)
        try await bench.store.note(bench.attempt(200), of: both[1], .delivered)
        #expect(try await deliveries(to: webhook).map(\.state) == [.dead, .delivered])
        try checkCounts()
    }

    @Test func theURLOfOneCallIsNeverDisabled() async throws {
        let job = try await end(telling: "https://example.com/a")
        try await end(telling: "https://example.com/b")
        let first = try #require(try await due().first)
        try await bench.store.note(bench.attempt(410), of: first, .gone)
        #expect(try await bench.store.deliveries(of: job).map(\.reason) == [.gone])
        #expect(try await due().count == 1)
    }

    @Test func attemptsAreKeptInTheirOrderAndNotMoreThanTwenty() async throws {
        let webhook = try await bench.webhook()
        try await end()
        for number in 1...25 {
            let delivery = try #require(try await due().first)
            try await bench.store.note(bench.attempt(500 + number), of: delivery, .again(bench.now))
        }
        #expect(try await deliveries(to: webhook).first?.history.map(\.status) == (506...525).map(Int?.some))
    }

    @Test func whatWaitedThroughAnOutageTakesItsTimeAndWhatComesLaterDoesNot() async throws {
        _ = try await bench.webhook()
        for _ in 0..<3 { try await end() }
        #expect(try await due().map(\.isPaced) == [false, false, false])
        for failure in 1...5 {
            let delivery = try #require(try await due().first)
            try await bench.store.note(bench.attempt(nil), of: delivery, .again(bench.now))
            #expect(try await due().allSatisfy { $0.isPaced && $0.isQueueFailing }, "\(failure)")
        }
        let delivery = try #require(try await due().first)
        try await bench.store.note(bench.attempt(200), of: delivery, .delivered)
        // Those that were never tried have waited all the same.
        #expect(try await due().map(\.isPaced) == [true, true])
        #expect(try await due().allSatisfy { !$0.isQueueFailing })
        try await end()
        #expect(try await due().last?.isPaced == false)
    }

    @Test func nothingGoesToARemovedWebhookAndItsDeliveriesGo() async throws {
        let webhook = try await bench.webhook()
        let kept = try await bench.webhook()
        let job = try await end()
        let delivery = try #require(try await due().first)
        #expect(try await bench.store.remove(webhook))
        #expect(try await !bench.store.remove(webhook))
        #expect(try await bench.store.webhook(webhook, of: bench.ada.id) == nil)
        #expect(try await due().count == 1)
        // An attempt that was under way.
        try await bench.store.note(bench.attempt(), of: delivery, .again(bench.now))
        #expect(try await due().count == 1)
        try await end()
        _ = try await bench.store.pruneWebhooks(keeping: KeepLimits())
        #expect(try await bench.store.deliveries(of: job).count == 1)
        #expect(try bench.count("webhooks") == 1)
        #expect(try await bench.store.message(of: delivery) == nil)
        try await bench.store.note(bench.attempt(), of: delivery, .delivered)
        #expect(try await deliveries(to: kept).count == 2)
        try checkCounts()
        // With the account all of its webhooks go.
        #expect(try await bench.store.removeAccount(named: "ada"))
        #expect(try await due().isEmpty)
    }

    @Test func testsGoByTheirAge() async throws {
        let webhook = try await bench.webhook()
        let event = try await bench.store.test(webhook)
        let delivery = try #require(try await due().first)
        #expect(delivery.eventID == event)
        #expect(try await bench.store.message(of: delivery)?.job == nil)
        try await bench.store.note(bench.attempt(200), of: delivery, .delivered)
        bench.advance(by: 24 * 3600 - 1)
        _ = try await bench.store.pruneWebhooks(keeping: KeepLimits())
        #expect(try await deliveries(to: webhook).count == 1)
        bench.advance(by: 1)
        _ = try await bench.store.pruneWebhooks(keeping: KeepLimits())
        #expect(try await deliveries(to: webhook).isEmpty)
        #expect(try bench.count("delivery_attempts") == 0)
    }

    @Test func aReplayIsOfTheRangeAndTheStateThatWereAskedFor() async throws {
        let webhook = try await bench.webhook()
        for _ in 0..<4 {
            try await end()
            bench.advance(by: 10)
        }
        let waiting = try await due()
        try await bench.store.note(bench.attempt(200), of: waiting[0], .delivered)
        try await bench.store.note(bench.attempt(200), of: waiting[1], .delivered)
        try await bench.store.note(bench.attempt(), of: waiting[2], .exhausted)
        try await bench.store.note(bench.attempt(), of: waiting[3], .exhausted)
        let records = try await deliveries(to: webhook)
        let middle = (from: records[1].createdAt, until: records[3].createdAt)
        #expect(
            try await bench.store.replay(.times(from: middle.from, until: middle.until, .dead), to: webhook)?.count == 1
        )
        #expect(try await due().map(\.eventID) == [records[2].eventID])
        #expect(
            try await bench.store.replay(.times(from: middle.from, until: middle.until, nil), to: webhook)?.count == 2
        )
        #expect(try await due().map(\.eventID) == [records[1].eventID, records[2].eventID])
        #expect(try await bench.store.replay(.event(records[0].eventID), to: webhook)?.count == 1)
        #expect(try await bench.store.replay(.event("msg_none"), to: webhook)?.count == 0)
        #expect(try await due().allSatisfy(\.isPaced))
        try checkCounts()
    }

    @Test func anAccountHasAHundredWebhooksAtMost() async throws {
        for _ in 0..<100 { _ = try await bench.webhook() }
        await #expect(throws: Refusal.self) { try await bench.webhook() }
        _ = try await bench.webhook(of: bench.bob)
    }
}
