import Foundation
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWebhooks
import Logging
import ServiceLifecycle
import Synchronization
import Testing

/// A store on a real file with one account and one service, and short ways to end jobs and to send what follows.
final class Outbox: Sendable {
    let store: Store
    let account: Account
    let operation: OperationRecord
    let agent = AgentID.random()
    let signer = WebhookSigner(secret: Outbox.secret)
    private let folder: URL
    private let offset: Offset

    /// How far the store's clock is ahead.
    private final class Offset: Sendable {
        let seconds = Mutex<TimeInterval>(0)
    }

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "invoke-webhooks-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let offset = Offset()
        self.offset = offset
        store = try Store(
            path: folder.appending(path: "agent.db").path,
            clock: { Date().addingTimeInterval(offset.seconds.withLock(\.self)) }
        )
        account = try await store.createAccount(
            username: "ada",
            publicID: .random(),
            passwordHash: "scrypt$none",
            roles: [.provider, .consumer]
        )
        let service = try await store.registerService(
            NewService(
                name: "tools",
                version: "1.0.0",
                definition: "{}",
                pool: PoolLimits(concurrency: nil, queue: 1000),
                asset: Self.asset(),
                operations: [NewOperation(name: "count", definition: "{}", asset: Self.asset(), listing: nil)]
            ),
            owner: account.id
        )
        operation = try #require(try await store.operations(of: service.id, limit: 1).first)
    }

    /// 32 bytes, others for every holder and generation.
    private static func secret(_ holder: SecretHolder, _ generation: Int) -> [UInt8] {
        let bytes: [UInt8] =
            switch holder {
            case .account(let account): account.bytes
            case .webhook(let webhook): Array("\(webhook)".utf8.dropFirst(3))
            }
        return bytes.map { $0 ^ UInt8(truncatingIfNeeded: generation) }
    }

    /// The account's secret, or that of a webhook, as its owner is shown it.
    func shownSecret(of webhook: WebhookID? = nil, generation: Int) -> String {
        let holder = webhook.map(SecretHolder.webhook) ?? .account(account.publicID)
        return "whsec_" + Data(Self.secret(holder, generation)).base64EncodedString()
    }

    /// Registers a webhook of the account's that hears of everything.
    func register(_ url: String) async throws -> WebhookID {
        let id = WebhookID.random()
        try await store.register(NewWebhook(id: id, url: url, events: nil, operation: nil), owner: account.id)
        return id
    }

    /// The deliveries to a webhook, oldest first.
    func deliveries(to webhook: WebhookID) async throws -> [DeliveryRecord] {
        try await store.deliveries(to: webhook, nil, before: .max, limit: 10_000).reversed()
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func asset() -> NewAsset {
        NewAsset(
            id: .random(),
            metadata: Array("{}".utf8),
            facts: AssetFacts(name: nil, type: "operation", contentType: nil, contentHash: nil)
        )
    }

    func advance(by seconds: TimeInterval) {
        offset.seconds.withLock { $0 += seconds }
    }

    /// Schedules a job, with a webhook of its own if there is a URL, claims it and ends it well.
    @discardableResult
    func endJob(telling url: String? = nil) async throws -> JobID {
        let id = try await store.schedule(
            NewJob(
                operation: operation.id,
                pool: PoolID(service: operation.service),
                owner: account.id,
                room: QueueRoom(ofService: operation.pool.queue),
                inputs: [:],
                lifetime: .seconds(300),
                payments: [],
                webhookURL: url,
                webhookEvents: nil
            )
        ).job
        guard let lease = try await store.claim(PoolID(service: operation.service), after: 0) else {
            throw Missing()
        }
        #expect(try await store.end(lease, as: .succeeded(result: ["total": "7"], assets: [])))
        return id
    }

    private struct Missing: Error {}

    /// Runs a dispatcher for as long as the body runs, then shuts it down in good order.
    /// `allowing` is where the guard lets requests go.
    func dispatching(
        limits: DeliveryLimits = .quick(),
        allowing: [String] = ["127.0.0.0/8"],
        resolver: @escaping OutboundGuard.Resolver = { _ in [] },
        clock: any Clock<Duration> = ContinuousClock(),
        body: () async throws -> Void
    ) async throws {
        let logger = Logger(label: "webhooks", factory: { _ in SwiftLogNoOpLogHandler() })
        let agent = agent
        let dispatcher = WebhookDispatcher(
            store: store,
            signer: signer,
            outbound: try OutboundGuard(allowing: allowing, resolver: resolver),
            agent: { agent },
            publicURL: { "https://agent.example" },
            version: "9.8.7",
            limits: limits,
            clock: clock,
            timeOfDay: { [store] in store.now },
            logger: logger
        )
        let group = ServiceGroup(services: [dispatcher], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await body() } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Waits until a job's one delivery is as wanted.
    func delivery(
        of job: JobID,
        when isReady: (DeliveryRecord) -> Bool
    ) async throws -> DeliveryRecord {
        while true {
            let record = try #require(try await store.deliveries(of: job).first)
            if isReady(record) { return record }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension DeliveryLimits {
    /// The standard limits with short waits.
    static func quick(attempts: Int = 10, attempt: Duration = .seconds(15), grace: Duration = .seconds(5))
        -> DeliveryLimits
    {
        var limits = DeliveryLimits()
        limits.schedule = RetrySchedule(delays: Array(repeating: .milliseconds(10), count: attempts - 1))
        limits.step = .milliseconds(20)
        limits.attempt = attempt
        limits.grace = grace
        return limits
    }
}
