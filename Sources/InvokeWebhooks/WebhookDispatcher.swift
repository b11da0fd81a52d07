package import Foundation
package import InvokeModel
package import InvokeOutbound
package import InvokeStore
import InvokeWire
package import Logging
import ServiceLifecycle

/// Sends what waits in the outbox until it has arrived or is given up.
///
/// The row is the message: a delivery leaves the outbox only by what its receiver answered, so it is sent at least once
/// across every kind of stop.
package struct WebhookDispatcher: Service {
    private let store: Store
    private let signer: WebhookSigner
    private let outbound: OutboundGuard
    private let client: OutboundClient
    private let agent: @Sendable () -> AgentID
    private let publicURL: @Sendable () -> String
    private let limits: DeliveryLimits
    private let clock: any Clock<Duration>
    private let timeOfDay: @Sendable () -> Date
    private let logger: Logger

    /// A dispatcher that has not begun. `agent` is for the DIDs of operations, `publicURL` is where this agent is reached
    /// (without a final slash), `version` is for `User-Agent`; receivers compare `timeOfDay` with their own.
    package init(
        store: Store,
        signer: WebhookSigner,
        outbound: OutboundGuard,
        agent: @escaping @Sendable () -> AgentID,
        publicURL: @escaping @Sendable () -> String,
        version: String,
        limits: DeliveryLimits = DeliveryLimits(),
        clock: any Clock<Duration> = ContinuousClock(),
        timeOfDay: @escaping @Sendable () -> Date = { Date() },
        logger: Logger
    ) {
        self.store = store
        self.signer = signer
        self.outbound = outbound
        self.agent = agent
        self.publicURL = publicURL
        self.limits = limits
        self.clock = clock
        self.timeOfDay = timeOfDay
        self.logger = logger
        client = OutboundClient(
            userAgent: "invoke-agent/\(version)",
            connectTimeout: limits.connect,
            logger: logger
        )
    }

    package func run() async {
        let (news, messenger) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let signals = store.signals.listen()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await signal in signals {
                        if case .deliveryDue = signal { messenger.yield() }
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        messenger.yield()
                        try? await clock.sleep(for: limits.step)
                    }
                }
                await dispatch(news, messenger)
                group.cancelAll()
            }
        } onGracefulShutdown: {
            messenger.yield()
        }
    }

    /// Starts attempts at every piece of news, until the shutdown; then waits for the last ones.
    private func dispatch(_ news: AsyncStream<Void>, _ messenger: AsyncStream<Void>.Continuation) async {
        let inFlight = InFlight(limits)
        var pace = Pace(interval: limits.interval)
        await withDiscardingTaskGroup { attempts in
            for await _ in news {
                if Task.isShuttingDownGracefully { break }
                for delivery in await startable(inFlight, &pace) {
                    attempts.addTask {
                        await send(delivery)
                        inFlight.end(delivery.id, of: delivery.queue)
                        messenger.yield()
                    }
                }
                if let wait = pace.wait(from: .now) {
                    attempts.addTask {
                        try? await clock.sleep(for: wait)
                        messenger.yield()
                    }
                }
                try? await clock.sleep(for: limits.pause)
            }
            attempts.addTask {
                try? await clock.sleep(for: limits.grace)
                inFlight.abandon()
                messenger.yield()
            }
            messenger.yield()
            for await _ in news where inFlight.isOver { break }
            attempts.cancelAll()
        }
    }

    /// The deliveries that are due and have got a place. Each queue goes in its order: what has to take its time holds up
    /// what is behind it.
    private func startable(_ inFlight: InFlight, _ pace: inout Pace) async -> [Delivery] {
        pace.release(at: .now)
        // What ends while the outbox is read is still due in what was read.
        let before = inFlight.deliveries
        let busy = inFlight.queues(with: limits.atOncePerReceiver)
        return await due(except: busy.union(pace.held), failingToo: inFlight.hasRoomForFailing).filter { delivery in
            guard !before.contains(delivery.id), !pace.holds(delivery.queue) else { return false }
            let isFailing = delivery.isQueueFailing
            let places = isFailing ? limits.atOncePerFailingReceiver : limits.atOncePerReceiver
            guard inFlight.begin(delivery.id, of: delivery.queue, places: places, isFailing: isFailing) else {
                return false
            }
            if delivery.isPaced { pace.send(to: delivery.queue, at: .now) }
            return true
        }
    }

    private func due(except queues: Set<String>, failingToo: Bool) async -> [Delivery] {
        do {
            return try await store.dueDeliveries(
                queues: limits.atOnce,
                perQueue: limits.atOncePerReceiver * 2,
                except: queues,
                failingToo: failingToo
            )
        } catch {
            logger.error("the outbox can't be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// One attempt and the note of what came of it; an abandoned attempt leaves no note.
    private func send(_ delivery: Delivery) async {
        let (start, started) = (ContinuousClock.now, store.now)
        let answer: DeliveryAnswer?
        do {
            answer = try await attempt(delivery)
        } catch {
            guard !Task.isCancelled else { return }
            logger.error("webhook", metadata: ["delivery": "\(delivery.eventID)", "error": "\(error)"])
            answer = DeliveryAnswer(failure: "The agent could not make the request.")
        }
        guard let answer else { return }
        let attempt = DeliveryAttempt(
            startedAt: started,
            duration: .now - start,
            status: answer.status,
            answer: answer.text
        )
        logger.debug(
            "webhook attempt",
            metadata: [
                "delivery": "\(delivery.eventID)", "attempt": "\(delivery.attempts + 1)",
                "status": "\(answer.status ?? 0)",
            ]
        )
        // The request has gone out: without its note it would go out again and again.
        while true {
            do { return try await store.note(attempt, of: delivery, fate(of: delivery, answer.verdict)) } catch {
                logger.error("the outbox can't be written", metadata: ["error": "\(error)"])
            }
            do { try await clock.sleep(for: limits.step) } catch { return }
        }
    }

    private func fate(of delivery: Delivery, _ verdict: DeliveryAnswer.Verdict) -> DeliveryFate {
        switch verdict {
        case .delivered: return .delivered
        case .gone: return .gone
        case .failed(let asked):
            let next = limits.schedule.next(afterAttempts: delivery.attempts + 1, asked: asked, now: store.now)
            return next.map { .again($0) } ?? .exhausted
        }
    }

    /// - Returns: nil when it was cancelled before there was an answer, or when there is nothing to be told any more.
    private func attempt(_ delivery: Delivery) async throws -> DeliveryAnswer? {
        guard let message = try await store.message(of: delivery) else { return nil }
        let body = try self.body(of: message)
        let now = timeOfDay()
        let headers = signer.headers(id: delivery.eventID, body: body, by: message.secret, at: now)
        let request = OutboundRequest(.post, headers: headers, body: body)
        let url: OutboundURL
        do { url = try outbound.check(delivery.url) } catch { return DeliveryAnswer(failure: error.message) }
        return await withTaskGroup(of: DeliveryAnswer?.self) { group in
            group.addTask {
                do throws(OutboundFault) {
                    let answer = try await client.send(request, to: url, through: outbound, attempt: delivery.attempts)
                    return DeliveryAnswer(
                        status: answer.status,
                        retryAfter: answer.retryAfter,
                        body: answer.body,
                        now: now
                    )
                } catch {
                    return Task.isCancelled ? nil : DeliveryAnswer(failure: error.reason)
                }
            }
            group.addTask {
                try? await clock.sleep(for: limits.attempt)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            // The time is over: an answer that came at the last moment still counts.
            let last = await group.next() ?? nil
            guard last == nil, !Task.isCancelled else { return last }
            return DeliveryAnswer(failure: "No answer within \(limits.attempt).")
        }
    }

    private func body(of message: DeliveryMessage) throws -> [UInt8] {
        guard let job = message.job else { return WebhookPayload.test(at: message.createdAt) }
        return try WebhookPayload.bytes(
            of: job,
            operation: DID(agent: agent(), asset: job.operation),
            resultURL: "\(publicURL())/jobs/result/\(job.id)"
        )
    }
}
