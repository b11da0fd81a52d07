import Foundation
import InvokeModel
import InvokeStore
import InvokeTesting
import InvokeWebhooks
import Testing

/// What a registered webhook is sent, and how fast (reliability promises W3, W9, W10).
@Suite(.timeLimit(.minutes(5))) struct RegisteredWebhookTests {
    private let outbox: Outbox

    init() async throws { outbox = try await Outbox() }

    /// Waits until this many deliveries to a webhook are no longer pending.
    private func ended(_ count: Int, to webhook: WebhookID) async throws -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        try await eventually(within: .seconds(40)) {
            records = try await outbox.deliveries(to: webhook)
            return records.filter { $0.state != .pending }.count >= count
        }
        return records
    }

    @Test func aWebhookSignsWithASecretOfItsOwn() async throws {
        try await Receiver.answering(.answer(200)) { receiver in
            let webhook = try await outbox.register(receiver.url)
            try await outbox.dispatching {
                let job = try await outbox.endJob()
                #expect(try await ended(1, to: webhook).map(\.job?.id) == [job])
            }
            let request = try #require(receiver.requests.first)
            #expect(StandardWebhooks.verify(request, secret: outbox.shownSecret(of: webhook, generation: 1)))
            #expect(!StandardWebhooks.verify(request, secret: outbox.shownSecret(of: webhook, generation: 2)))
            #expect(!StandardWebhooks.verify(request, secret: outbox.shownSecret(generation: 0)))
        }
    }

    @Test func bothSecretsSignForADayAfterARotation() async throws {
        try await Receiver.answering(.answer(200)) { receiver in
            let webhook = try await outbox.register(receiver.url)
            #expect(try await outbox.store.rotateSecret(of: webhook) == 2)
            try await outbox.dispatching {
                outbox.advance(by: 24 * 3600 - 60)
                _ = try await outbox.store.test(webhook)
                await receiver.received(1)
                outbox.advance(by: 120)
                _ = try await outbox.store.test(webhook)
                await receiver.received(2)
            }
            let secrets = (1...2).map { outbox.shownSecret(of: webhook, generation: $0) }
            let verified = receiver.requests.map { request in
                secrets.map { StandardWebhooks.verify(request, secret: $0) }
            }
            #expect(verified == [[true, true], [false, true]])
        }
    }

    @Test func aTestGoesTheWayOfAllEvents() async throws {
        try await Receiver.answering(.answer(500), .answer(200)) { receiver in
            let webhook = try await outbox.register(receiver.url)
            try await outbox.dispatching {
                let event = try await outbox.store.test(webhook)
                let record = try #require(try await ended(1, to: webhook).first)
                #expect(record.eventID == event)
                #expect(record.history.map(\.status) == [500, 200])
            }
            let request = try #require(receiver.requests.last)
            #expect(try JSON(parsing: request.body)["type"] == "webhook.test")
            #expect(StandardWebhooks.verify(request, secret: outbox.shownSecret(of: webhook, generation: 1)))
        }
    }

    @Test func goneDisablesAndAReplaySendsWhatWasMissedUnderTheSameIDs() async throws {
        try await Receiver.answering(.answer(410), .answer(200)) { receiver in
            let webhook = try await outbox.register(receiver.url)
            for _ in 0..<5 { try await outbox.endJob() }
            let ids = try await outbox.deliveries(to: webhook).map(\.eventID)
            var limits = DeliveryLimits.quick()
            limits.atOncePerReceiver = 1
            try await outbox.dispatching(limits: limits) {
                #expect(try await ended(5, to: webhook).map(\.state) == Array(repeating: .dead, count: 5))
                #expect(receiver.requests.count == 1)
                try await outbox.store.enable(webhook)
                let missed = ReplayRange.times(from: .distantPast, until: .distantFuture, .dead)
                #expect(try await outbox.store.replay(missed, to: webhook)?.count == 5)
                #expect(try await ended(5, to: webhook).map(\.state) == Array(repeating: .delivered, count: 5))
            }
            // In the order they had, too.
            #expect(receiver.requests.dropFirst().map { $0.headers["webhook-id"] } == ids)
        }
    }

    @Test func aReceiverThatComesBackGetsEverythingAndNoMoreThanItsShareOfASecond() async throws {
        let count = 40
        let back = Receiver.Reply.answer(200)
        let away = Array(repeating: Receiver.Reply.answer(503), count: 6)
        try await Receiver.answering(script: away + [back]) { receiver in
            let webhook = try await outbox.register(receiver.url)
            for _ in 0..<count { _ = try await outbox.store.test(webhook) }
            let start = ContinuousClock.now
            try await outbox.dispatching {
                let records = try await ended(count, to: webhook)
                #expect(records.map(\.state) == Array(repeating: .delivered, count: count))
                #expect(Set(receiver.requests.map { $0.headers["webhook-id"] }).count == count)
            }
            // All but the first four, which go out before any has failed, are sent one after the other.
            let requests = receiver.requests.count
            #expect(requests == count + 6)
            #expect(ContinuousClock.now - start >= .milliseconds(100) * (requests - 5))
            let arrivals = receiver.requests.map(\.arrivedAt)
            for (index, arrival) in arrivals.enumerated().dropFirst(4) {
                let within = arrivals[index...].prefix { $0 < arrival + .seconds(1) }
                // On a busy machine the four that are under way at a time may arrive together.
                #expect(within.count <= 10 + 4 + 1, "from request \(index)")
            }
        }
    }

    @Test func aHealthyReceiverIsNotSlowedDown() async throws {
        try await Receiver.answering(.answer(200)) { receiver in
            let webhook = try await outbox.register(receiver.url)
            for _ in 0..<60 { _ = try await outbox.store.test(webhook) }
            var limits = DeliveryLimits.quick()
            // At the pace of what is sent again only the first would ever arrive.
            limits.interval = .seconds(3600)
            try await outbox.dispatching(limits: limits) { _ = try await ended(60, to: webhook) }
        }
    }

    @Test func whatHasToWaitForItsTurnIsNotPolledFor() async throws {
        try await Receiver.answering(.answer(500)) { receiver in
            let webhook = try await outbox.register(receiver.url)
            for _ in 0..<500 { _ = try await outbox.store.test(webhook) }
            let looks = Counter()
            let clock = WatchedClock { if $0 < .milliseconds(20), $0 > .milliseconds(10) { looks.add() } }
            var limits = DeliveryLimits.quick()
            limits.interval = .milliseconds(500)
            limits.step = .seconds(1)
            try await outbox.dispatching(limits: limits, clock: clock) {
                await receiver.received(10)
            }
            // Each request is worth a few looks: at its start, at its end, and when the next one's turn comes.
            #expect(looks.value <= 75, "\(looks.value) looks")
        }
    }
}
