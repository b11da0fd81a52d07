import Foundation
import GRDB
import InvokeModel
import InvokeStore
import InvokeTesting
import Synchronization
import Testing

/// A store on a real file with a clock that tests set, two accounts, and one service with one operation.
final class Bench: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let ada: Account
    let bob: Account
    let service: Int64
    let operation: OperationRecord
    private let time: Time

    private final class Time: Sendable {
        let date = Mutex(Date(timeIntervalSince1970: 1_750_000_000))
    }

    init(inMemory: Bool = false) async throws {
        folder = try TemporaryFolder(inMemory: inMemory)
        let time = Time()
        self.time = time
        store = try Store(path: folder.path + "/agent.sqlite", clock: { time.date.withLock(\.self) })
        ada = try await store.createAccount(
            username: "ada",
            publicID: .random(),
            passwordHash: "scrypt$none",
            roles: [.provider, .consumer]
        )
        bob = try await store.createAccount(
            username: "bob",
            publicID: .random(),
            passwordHash: "scrypt$none",
            roles: [.consumer]
        )
        let registered = try await store.registerService(
            NewService(
                name: "tools",
                version: "1.0.0",
                definition: "{}",
                pool: PoolLimits(concurrency: nil, queue: 10_000),
                asset: Self.asset(),
                operations: [NewOperation(name: "count", definition: "{}", asset: Self.asset(), listing: nil)]
            ),
            owner: ada.id
        )
        service = registered.id
        operation = try #require(try await store.operations(of: service, limit: 1).first)
    }

    deinit { try? store.close() }

    var path: String { folder.path + "/agent.sqlite" }
    var now: Date { store.now }

    func advance(by seconds: TimeInterval) { time.date.withLock { $0 += seconds } }

    /// Removes all jobs that ended so long ago, in as many steps as it takes: each may take a certain time only.
    func prune(_ state: JobState, olderThan age: Duration) async throws {
        var jobs = try await store.ended(state, olderThan: age, after: nil)[...]
        while !jobs.isEmpty { jobs = jobs.dropFirst(try await store.prune(Array(jobs), keeping: KeepLimits())) }
    }

    static func asset() -> NewAsset {
        NewAsset(
            id: .random(),
            metadata: Array("{}".utf8),
            facts: AssetFacts(name: nil, type: "dataset", contentType: nil, contentHash: nil)
        )
    }

    /// A job of an account, `ada` unless another is named.
    func job(
        of owner: Account? = nil,
        lifetime: Duration = .seconds(300),
        room: QueueRoom = QueueRoom(ofService: .max),
        payments: [JobPayment] = [],
        webhook: String? = nil,
        events: [String]? = nil
    ) -> NewJob {
        NewJob(
            operation: operation.id,
            pool: PoolID(service: service),
            owner: (owner ?? ada).id,
            room: room,
            inputs: [:],
            lifetime: lifetime,
            payments: payments,
            webhookURL: webhook,
            webhookEvents: events
        )
    }

    func schedule(of owner: Account? = nil, lifetime: Duration = .seconds(300)) async throws -> JobID {
        try await store.schedule(job(of: owner, lifetime: lifetime)).job
    }

    func claim(after turn: Int64 = 0, lease: Duration = .seconds(30)) async throws -> LeaseBox? {
        guard let lease = try await store.claim(PoolID(service: service), after: turn, lease: lease) else { return nil }
        return LeaseBox(lease)
    }

    func resume(_ attempt: OpenAttempt) async throws -> LeaseBox? {
        guard let lease = try await store.resume(attempt, lease: .seconds(30)) else { return nil }
        return LeaseBox(lease)
    }

    /// - Returns: whether the ending was applied.
    @discardableResult
    func end(_ box: LeaseBox, as ending: AttemptEnding) async throws -> Bool {
        try await store.end(try box.take(), as: ending)
    }

    /// Registers a webhook of an account's, `ada` unless another is named.
    func webhook(of owner: Account? = nil, events: [WebhookEvent]? = nil, operation: Int64? = nil) async throws
        -> WebhookID
    {
        let id = WebhookID.random()
        let new = NewWebhook(id: id, url: "https://example.com/hook", events: events, operation: operation)
        try await store.register(new, owner: (owner ?? ada).id)
        return id
    }

    /// What is noted of an attempt that took no time.
    func attempt(_ status: Int? = 500) -> DeliveryAttempt {
        DeliveryAttempt(startedAt: now, duration: .zero, status: status, answer: "")
    }

    func state(_ id: JobID) async throws -> JobState? { try await store.job(id)?.state }

    /// A settled purchase of the operation by `bob`.
    func purchase(uses: Int?) async throws -> Purchase {
        let listing = try await store.createListing(
            NewListing(
                id: .random(),
                asset: operation.asset,
                info: [:],
                agreement: ["price": "1", "currency": "OCEAN"],
                status: .published
            ),
            owner: ada.id
        )
        let purchase = try await store.createPurchase(
            NewPurchase(id: .random(), listing: listing.id, info: [:], agreement: nil, status: .ordered, uses: uses),
            buyer: bob.id
        )
        return try #require(try await store.changePurchase(purchase.id, PurchaseChange(payment: .settled)))
    }

    /// Looks at the file, or writes to it, from a connection of its own.
    @discardableResult
    func sql<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let connection = try DatabaseQueue(path: path)
        defer { try? connection.close() }
        return try connection.writeWithoutTransaction(body)
    }

    func count(_ table: String) throws -> Int {
        try sql { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}

/// Holds a lease where only values that can be copied may stand.
final class LeaseBox {
    let claim: Claim
    private var lease: Lease?

    init(_ lease: consuming Lease) {
        claim = lease.claim
        self.lease = consume lease
    }

    func take() throws -> Lease {
        guard let lease = lease.take() else { throw LeaseIsUsed() }
        return lease
    }
}

struct LeaseIsUsed: Error {}
