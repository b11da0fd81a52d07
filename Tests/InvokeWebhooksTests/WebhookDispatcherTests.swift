import Foundation
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeTesting
import InvokeWebhooks
import Synchronization
import Testing

/// What a receiver sees, and what is noted of its answers.
@Suite(.timeLimit(.minutes(5))) struct WebhookDispatcherTests {
    private let outbox: Outbox

    init() async throws {
        outbox = try await Outbox()
    }

    private func secret(_ generation: Int) -> String {
        outbox.shownSecret(generation: generation)
    }

    @Test func theEndOfAJobArrivesSigned() async throws {
        try await Receiver.answering(.answer(200, body: "thanks\r\n")) { receiver in
            try await outbox.dispatching {
                let job = try await outbox.endJob(telling: receiver.url + "?from=agent")
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                let request = try #require(receiver.requests.first)
                #expect(request.line == "POST /hook?from=agent HTTP/1.1")
                #expect(request.headers["host"] == "127.0.0.1:\(receiver.port)")
                #expect(request.headers["user-agent"] == "invoke-agent/9.8.7")
                #expect(request.headers["content-type"] == "application/json")
                #expect(request.headers["webhook-id"] == record.eventID)
                #expect(!record.eventID.contains("."))
                #expect(StandardWebhooks.verify(request, secret: secret(0)))
                #expect(!StandardWebhooks.verify(request, secret: secret(1)))
                let changed = Receiver.Request(
                    line: request.line,
                    headers: request.headers,
                    body: request.body + [0x20]
                )
                #expect(!StandardWebhooks.verify(changed, secret: secret(0)))
                let body = try JSON(parsing: request.body)
                #expect(body["type"]?.string == "job.succeeded")
                #expect(body["data"]?["jobid"]?.string == job.description)
                #expect(body["data"]?["result_url"]?.string == "https://agent.example/jobs/result/\(job)")
                #expect(
                    body["data"]?["operation"]?.string
                        == DID(agent: outbox.agent, asset: outbox.operation.asset).description
                )
                #expect(record.state == .delivered)
                #expect(record.attempts == 1)
                #expect(record.history.map(\.status) == [200])
                #expect(record.history.map(\.answer) == ["thanks"])
            }
        }
    }

    @Test func theSecretBeforeARotationSignsAlongForADay() async throws {
        try await Receiver.answering(.answer(204)) { receiver in
            let new = try await outbox.store.rotateWebhookSecret(of: outbox.account.id)
            try await outbox.dispatching {
                outbox.advance(by: 24 * 3600 - 60)
                try await outbox.endJob(telling: receiver.url)
                await receiver.received(1)
                outbox.advance(by: 120)
                try await outbox.endJob(telling: receiver.url)
                await receiver.received(2)
            }
            let requests = receiver.requests
            #expect(StandardWebhooks.verify(requests[0], secret: secret(new)))
            #expect(StandardWebhooks.verify(requests[0], secret: secret(new - 1)))
            #expect(StandardWebhooks.verify(requests[1], secret: secret(new)))
            #expect(!StandardWebhooks.verify(requests[1], secret: secret(new - 1)))
        }
    }

    @Test func aFailedAttemptIsMadeAgainUnderTheSameID() async throws {
        try await Receiver.answering(.answer(500, body: "oops"), .reset, .answer(200)) { receiver in
            try await outbox.dispatching {
                let job = try await outbox.endJob(telling: receiver.url)
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .delivered)
                #expect(record.attempts == 3)
                #expect(
                    receiver.requests.map { $0.headers["webhook-id"] } == Array(repeating: record.eventID, count: 3)
                )
                #expect(Set(receiver.requests.map(\.body)).count == 1)
            }
        }
    }

    @Test func aDeliveryIsDeadAfterTheLastAttemptOfTheSchedule() async throws {
        try await Receiver.answering(.answer(500, body: "no")) { receiver in
            try await outbox.dispatching {
                let job = try await outbox.endJob(telling: receiver.url)
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .dead)
                #expect(record.attempts == 10)
                #expect(record.reason == .exhausted)
                #expect(record.history.map(\.status) == Array(repeating: 500, count: 10))
                #expect(record.history.map(\.answer) == Array(repeating: "no", count: 10))
                #expect(receiver.requests.count == 10)
            }
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func aRedirectIsAFailureAndNotFollowed(status: Int) async throws {
        try await Receiver.answering(.answer(200)) { elsewhere in
            try await Receiver.answering(.answer(status, headers: ["Location": elsewhere.url])) { receiver in
                try await outbox.dispatching(limits: .quick(attempts: 2)) {
                    let job = try await outbox.endJob(telling: receiver.url)
                    let record = try await outbox.delivery(of: job) { $0.state != .pending }
                    #expect(record.state == .dead)
                    #expect(record.history.map(\.status) == [status, status])
                    #expect(receiver.requests.map(\.line) == Array(repeating: "POST /hook HTTP/1.1", count: 2))
                }
            }
            #expect(elsewhere.requests.isEmpty)
        }
    }

    @Test func goneEndsADeliveryAtOnce() async throws {
        try await Receiver.answering(.answer(410)) { receiver in
            try await outbox.dispatching {
                let job = try await outbox.endJob(telling: receiver.url)
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .dead)
                #expect(record.attempts == 1)
            }
        }
    }

    @Test(arguments: [(429, "120", 120.0), (503, "7200", 3600.0)])
    func retryAfterIsHonouredForUpToAnHour(status: Int, asked: String, wait: TimeInterval) async throws {
        try await Receiver.answering(.answer(status, headers: ["Retry-After": asked])) { receiver in
            let earliest = outbox.store.now.addingTimeInterval(wait - 0.01)
            try await outbox.dispatching {
                let job = try await outbox.endJob(telling: receiver.url)
                let record = try await outbox.delivery(of: job) { $0.attempts > 0 }
                #expect(record.state == .pending)
                let next = try #require(record.nextAttempt)
                #expect((earliest...outbox.store.now.addingTimeInterval(wait)).contains(next))
            }
            #expect(receiver.requests.count == 1)
        }
    }

    @Test func silenceIsAFailureWhenTheTimeOfAnAttemptIsOver() async throws {
        try await Receiver.answering(.hang, .answer(200)) { receiver in
            try await outbox.dispatching(limits: .quick(attempt: .seconds(1))) {
                let job = try await outbox.endJob(telling: receiver.url)
                let silent = try await outbox.delivery(of: job) { $0.attempts == 1 }
                #expect(silent.history.map(\.answer) == ["No answer within 1.0 seconds."])
                #expect(silent.history.map(\.status) == [nil])
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .delivered)
                #expect(record.attempts == 2)
            }
        }
    }

    @Test func aBodyWithoutEndIsCut() async throws {
        try await Receiver.answering(.endless) { receiver in
            try await outbox.dispatching {
                let job = try await outbox.endJob(telling: receiver.url)
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .delivered)
                #expect(record.history.map(\.answer) == [String(repeating: "x", count: 1 << 10)])
            }
        }
    }

    @Test func aReceiverThatIsNotThereIsAFailure() async throws {
        var url = ""
        try await Receiver.answering(.answer(200)) { url = $0.url }
        try await outbox.dispatching(limits: .quick(attempts: 2)) {
            let job = try await outbox.endJob(telling: url)
            let record = try await outbox.delivery(of: job) { $0.state != .pending }
            #expect(record.state == .dead)
            #expect(record.history.last?.answer.hasPrefix("No answer") == true)
        }
    }

    @Test func aBlockedURLIsAFailureAndNobodyIsCalled() async throws {
        try await Receiver.answering(.answer(200)) { receiver in
            try await outbox.dispatching(limits: .quick(attempts: 3), allowing: []) {
                let job = try await outbox.endJob(telling: receiver.url)
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .dead)
                #expect(record.attempts == 3)
                #expect(record.history.last?.answer.contains("outbound.allow") == true)
            }
            #expect(receiver.requests.isEmpty)
        }
    }

    @Test func aRequestGoesToTheCheckedAddressUnderTheOriginalName() async throws {
        let lookups = Mutex(0)
        let rebinding: OutboundGuard.Resolver = { _ in
            let count = lookups.withLock { lookups in
                lookups += 1
                return lookups
            }
            // Allowed at the first look-up, inside at every later one.
            return [IPAddress(count == 1 ? "127.0.0.1" : "10.0.0.1")].compactMap(\.self)
        }
        try await Receiver.answering(.answer(500)) { receiver in
            try await outbox.dispatching(limits: .quick(attempts: 3), resolver: rebinding) {
                let job = try await outbox.endJob(telling: "http://rebinding.example:\(receiver.port)/hook")
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .dead)
                #expect(record.history.last?.answer.contains("may not call") == true)
            }
            #expect(receiver.requests.map { $0.headers["host"] } == ["rebinding.example:\(receiver.port)"])
            #expect(lookups.withLock(\.self) == 3)
        }
    }

    /// Every kind of name that the guard takes is pinned: none of these exists, so a second look-up would find nothing.
    @Test(arguments: [
        "hooks.invalid", "HOOKS.Invalid", "my_hook.invalid", "_x.invalid", "xn--bcher-kva.invalid", "xn--a.invalid",
        "9to5.invalid", "hooks", "a--b.invalid", "localhost.invalid",
    ])
    func noNameIsLookedUpTwice(name: String) async throws {
        let resolver: OutboundGuard.Resolver = { _ in [IPAddress("127.0.0.1")].compactMap(\.self) }
        try await Receiver.answering(.answer(200)) { receiver in
            try await outbox.dispatching(limits: .quick(attempts: 1), resolver: resolver) {
                let job = try await outbox.endJob(telling: "http://\(name):\(receiver.port)/hook")
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .delivered)
            }
            #expect(receiver.requests.map { $0.headers["host"] } == ["\(name.lowercased()):\(receiver.port)"])
        }
    }

    @Test func aTLSConnectionNamesTheOriginalHost() async throws {
        let resolver: OutboundGuard.Resolver = { _ in [IPAddress("127.0.0.1")].compactMap(\.self) }
        try await Receiver.answering(.reset) { receiver in
            try await outbox.dispatching(limits: .quick(attempts: 1), resolver: resolver) {
                let job = try await outbox.endJob(telling: "https://hooks.example:\(receiver.port)/hook")
                _ = try await outbox.delivery(of: job) { $0.state != .pending }
            }
            let greeting = try #require(receiver.requests.first)
            #expect(greeting.line == "TLS")
            #expect(String(decoding: greeting.body, as: UTF8.self).contains("hooks.example"))
        }
    }

    @Test func aSilentEndpointTakesFourPlacesAndDelaysNobody() async throws {
        try await Receiver.answering(.hang) { silent in
            try await Receiver.answering(.answer(200)) { receiver in
                // More than one look at the outbox takes in.
                var limits = DeliveryLimits.quick(grace: .zero)
                limits.atOnce = 6
                for number in 0..<30 { try await outbox.endJob(telling: silent.url + "/\(number)") }
                try await outbox.dispatching(limits: limits) {
                    await silent.received(4)
                    for _ in 0..<10 {
                        let job = try await outbox.endJob(telling: receiver.url)
                        _ = try await outbox.delivery(of: job) { $0.state == .delivered }
                    }
                    #expect(silent.mostAtOnce == 4)
                }
            }
        }
    }

    @Test func manyDeadEndpointsTogetherDelayNobody() async throws {
        var limits = DeliveryLimits.quick(attempt: .milliseconds(200), grace: .zero)
        limits.atOnce = 4
        limits.atOnceToFailing = 2
        try await Receiver.answering(.hang) { silent in
            try await Receiver.answering(.answer(200)) { receiver in
                var dead: [WebhookID] = []
                for _ in 0..<12 { dead.append(try await outbox.register(silent.url)) }
                try await outbox.endJob()
                try await outbox.dispatching(limits: limits) {
                    for webhook in dead {
                        try await eventually { try await outbox.deliveries(to: webhook).contains { $0.attempts > 0 } }
                    }
                }
                // All are known to fail by now, and each attempt outlasts the test.
                limits.attempt = .seconds(600)
                let tried = silent.requests.count
                try await outbox.dispatching(limits: limits) {
                    await silent.received(tried + 2)
                    for _ in 0..<3 {
                        let job = try await outbox.endJob(telling: receiver.url)
                        try await eventually {
                            try await outbox.store.deliveries(of: job).contains { $0.state == .delivered }
                        }
                    }
                }
            }
        }
    }

    @Test func whatWaitedThroughAStopIsSentAtTheStart() async throws {
        try await Receiver.answering(.answer(200)) { receiver in
            let jobs = try await [outbox.endJob(telling: receiver.url), outbox.endJob(telling: receiver.url)]
            try await outbox.dispatching {
                for job in jobs { _ = try await outbox.delivery(of: job) { $0.state == .delivered } }
            }
            #expect(receiver.requests.count == 2)
        }
    }

    @Test func aShutdownWaitsForTheAnswerOfAnAttempt() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Never.self)
        try await Receiver.answering(.held(gate)) { receiver in
            let job = try await outbox.endJob(telling: receiver.url)
            // The wait for the last attempts is the only sleep as long as this.
            let clock = WatchedClock { if $0 > .seconds(40) { opener.finish() } }
            try await outbox.dispatching(limits: .quick(grace: .seconds(50)), clock: clock) {
                await receiver.received(1)
            }
            let record = try #require(try await outbox.store.deliveries(of: job).first)
            #expect(record.state == .delivered)
        }
    }

    @Test func anAttemptAbandonedByAShutdownIsMadeAgainAtTheNextStart() async throws {
        try await Receiver.answering(.hang, .answer(200)) { receiver in
            let job = try await outbox.endJob(telling: receiver.url)
            try await outbox.dispatching(limits: .quick(grace: .milliseconds(50))) {
                await receiver.received(1)
            }
            let abandoned = try #require(try await outbox.store.deliveries(of: job).first)
            #expect(abandoned.state == .pending)
            #expect(abandoned.attempts == 0)
            try await outbox.dispatching {
                let record = try await outbox.delivery(of: job) { $0.state != .pending }
                #expect(record.state == .delivered)
                #expect(receiver.requests.map { $0.headers["webhook-id"] } == [record.eventID, record.eventID])
            }
        }
    }
}
