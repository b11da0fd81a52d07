import Foundation
import GRDB
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Which jobs made which assets out of which, and who may know it (dep.md §12).
@Suite(.timeLimit(.minutes(5))) struct ProvenanceWalkTests {
    private static func asset(isPrivate: Bool = false) -> NewAsset {
        let asset = Bench.asset()
        return NewAsset(id: asset.id, metadata: asset.metadata, facts: asset.facts, isPrivate: isPrivate)
    }

    /// A public asset that nobody's job made.
    private static func source(_ bench: Bench) async throws -> AssetID {
        let asset = Self.asset()
        _ = try await bench.store.register(asset, owner: bench.ada.id)
        return asset.id
    }

    /// Runs a job that makes an asset out of others.
    @discardableResult
    private static func make(
        _ bench: Bench,
        outOf inputs: [AssetID],
        by owner: Account? = nil,
        isPrivate: Bool = false
    ) async throws -> AssetID {
        let asset = Self.asset(isPrivate: isPrivate)
        try await end(bench, making: [asset], outOf: inputs, by: owner)
        return asset.id
    }

    @discardableResult
    private static func end(
        _ bench: Bench,
        making assets: [NewAsset],
        outOf inputs: [AssetID],
        by owner: Account? = nil
    ) async throws -> JobID {
        // Jobs of one millisecond have ids in any order.
        bench.advance(by: 0.002)
        let id = try await bench.schedule(of: owner)
        let box = try #require(try await bench.claim())
        let activity = NewActivity(inputs: inputs, startedAt: bench.now - 1, endedAt: bench.now)
        try await bench.end(box, as: .succeeded(result: [:], assets: assets, activity: activity))
        return id
    }

    private static func walk(
        _ bench: Bench,
        _ direction: ProvenanceWalk.Direction,
        from start: AssetID,
        depth: Int = 10,
        after: Int64? = nil,
        limit: Int = 1000,
        as account: Account? = nil
    ) async throws -> ProvenancePage {
        let walk = ProvenanceWalk(direction: direction, depth: depth, after: after, limit: limit)
        return try #require(try await bench.store.provenance(of: start, walk, visibleTo: account))
    }

    @Test func aChainIsWalkedUpAndDownAsFarAsAsked() async throws {
        let bench = try await Bench()
        let one = try await Self.source(bench)
        let two = try await Self.make(bench, outOf: [one])
        let three = try await Self.make(bench, outOf: [two])
        let four = try await Self.make(bench, outOf: [three])
        let operation = bench.operation.asset

        let up = try await Self.walk(bench, .up, from: four)
        #expect(up.assets.map(\.id) == [four, operation, three, two, one])
        #expect(up.assets.map(\.isOperation) == [false, true, false, false, false])
        #expect(up.activities.map(\.generated) == [[four], [three], [two]])
        #expect(up.activities.map(\.inputs) == [[three], [two], [one]])
        #expect(up.activities.allSatisfy { $0.operation == operation && $0.owner == bench.ada.publicID })
        let cut = try await Self.walk(bench, .up, from: four, depth: 1)
        #expect(cut.assets.map(\.id) == [four, operation, three])
        #expect(cut.activities.map(\.generated) == [[four]])

        let down = try await Self.walk(bench, .down, from: one)
        #expect(down.assets.map(\.id) == [one, two, three, four])
        #expect(down.activities.map(\.generated) == [[two], [three], [four]])
        #expect(try await Self.walk(bench, .down, from: one, depth: 2).assets.map(\.id) == [one, two, three])
        // What came of an operation is the same question.
        let made = try await Self.walk(bench, .down, from: operation, depth: 1)
        #expect(made.assets.map(\.id) == [operation, two, three, four])
    }

    @Test func whatIsReachedInSeveralWaysIsToldOfOnceAtItsNearest() async throws {
        let bench = try await Bench()
        let top = try await Self.source(bench)
        let left = try await Self.make(bench, outOf: [top])
        let right = try await Self.make(bench, outOf: [top, left, left])
        let pair = [Self.asset(), Self.asset()]
        let job = try await Self.end(bench, making: pair, outOf: [left, right])
        let down = try await Self.walk(bench, .down, from: top)
        #expect(down.assets.map(\.id) == [top, left, right, pair[0].id, pair[1].id])
        #expect(down.activities.count == 3)
        #expect(down.activities.last?.job == job)
        #expect(down.activities.last?.inputs == [left, right])
        #expect(down.activities.last?.generated == pair.map(\.id))
        #expect(try await Self.walk(bench, .down, from: top, depth: 1).assets.map(\.id) == [top, left, right])
        let up = try await Self.walk(bench, .up, from: pair[1].id)
        #expect(Set(up.assets.map(\.id)) == [pair[1].id, bench.operation.asset, left, right, top])
        #expect(up.assets.count == 5)
        #expect(up.activities.first?.generated == [pair[1].id])
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func pagesNeitherRepeatNorSkipWhileMoreIsMade(seed: UInt64) async throws {
        let bench = try await Bench()
        var random = SeededNumbers(seed: seed)
        var assets = [try await Self.source(bench)]
        func grow(_ count: Int) async throws {
            for _ in 0..<count {
                let inputs = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    assets[Int.random(in: max(0, assets.count - 12)..<assets.count, using: &random)]
                }
                let made = (0..<Int.random(in: 1...2, using: &random)).map { _ in Self.asset() }
                try await Self.end(bench, making: made, outOf: inputs)
                assets += made.map(\.id)
            }
        }
        try await grow(25)
        for direction in ProvenanceWalk.Direction.allCases {
            let start = direction == .up ? assets[assets.count - 1] : assets[0]
            let whole = try await Self.walk(bench, direction, from: start, depth: 100)
            #expect(whole.next == nil && whole.assets.count > 10)
            var (found, jobs): ([AssetID], Set<JobID>) = ([], [])
            var next: Int64?
            repeat {
                let limit = Int.random(in: 1...7, using: &random)
                let page = try await Self.walk(bench, direction, from: start, depth: 100, after: next, limit: limit)
                #expect(page.assets.count <= limit)
                found += page.assets.map(\.id)
                jobs.formUnion(page.activities.map(\.job))
                next = page.next
                if direction == .down { try await grow(1) }
            } while next != nil
            #expect(Set(found).count == found.count)
            let known = Set(whole.assets.map(\.id))
            #expect(found.filter(known.contains) == whole.assets.map(\.id))
            #expect(jobs.isSuperset(of: whole.activities.map(\.job)))
        }
    }

    @Test func aCursorOfAnotherWalkIsRefused() async throws {
        let bench = try await Bench()
        let (one, other) = (try await Self.source(bench), try await Self.source(bench))
        try await Self.make(bench, outOf: [one])
        let next = try #require(try await Self.walk(bench, .down, from: one, limit: 1).next)
        #expect(try await Self.walk(bench, .down, from: one, after: next, limit: 1).assets.count == 1)
        await #expect {
            try await Self.walk(bench, .down, from: other, after: next)
        } throws: {
            ($0 as? Refusal)?.code == .invalidParameter
        }
    }

    @Test func whatSomebodyMayNotSeeIsNeitherShownNorPassedThrough() async throws {
        let bench = try await Bench()
        let root = Account(id: 99, publicID: .random(), username: "root", roles: [.admin])
        let one = try await Self.source(bench)
        let hidden = try await Self.make(bench, outOf: [one], by: bench.bob, isPrivate: true)
        let beyond = try await Self.make(bench, outOf: [hidden], by: bench.ada, isPrivate: true)
        let mine = try await Self.make(bench, outOf: [one, hidden], by: bench.ada, isPrivate: true)
        func down(_ account: Account?) async throws -> [AssetID] {
            try await Self.walk(bench, .down, from: one, as: account).assets.map(\.id)
        }
        #expect(try await down(nil) == [one])
        #expect(try await down(bench.ada) == [one, mine])
        #expect(try await down(bench.bob) == [one, hidden])
        #expect(try await down(root) == [one, hidden, mine, beyond])

        let up = try await Self.walk(bench, .up, from: mine, as: bench.ada)
        #expect(up.assets.map(\.id) == [mine, bench.operation.asset, one])
        #expect(up.activities.map(\.inputs) == [[one]])
        #expect(try await Self.walk(bench, .up, from: beyond, as: bench.ada).activities.map(\.inputs) == [[]])
        let walk = ProvenanceWalk(direction: .up, depth: 1, limit: 1)
        for account in [nil, bench.ada] {
            #expect(try await bench.store.provenance(of: hidden, walk, visibleTo: account) == nil)
        }
        #expect(try await bench.store.provenance(of: .random(), walk, visibleTo: root) == nil)
    }

    /// As `content` and `metadata` have it: what is offered, or was bought, exists for its buyer.
    @Test func whatWasBoughtIsShown() async throws {
        let bench = try await Bench()
        let one = try await Self.source(bench)
        let sold = try await Self.make(bench, outOf: [one], by: bench.ada, isPrivate: true)
        func isShown(to account: Account?) async throws -> Bool {
            try await Self.walk(bench, .down, from: one, as: account).assets.count == 2
        }
        let listing = try await bench.store.createListing(
            NewListing(id: .random(), asset: sold, info: [:], agreement: nil, status: .unpublished),
            owner: bench.ada.id
        )
        #expect(try await !isShown(to: bench.bob))
        _ = try await bench.store.changeListing(listing.id, ListingChange(status: .published))
        #expect(try await isShown(to: bench.bob))
        #expect(try await !isShown(to: nil))
        let purchase = try await bench.store.createPurchase(
            NewPurchase(id: .random(), listing: listing.id, info: [:], agreement: nil, status: .ordered, uses: nil),
            buyer: bench.bob.id
        )
        _ = try await bench.store.changeListing(listing.id, ListingChange(status: .unpublished))
        #expect(try await !isShown(to: bench.bob))
        _ = try await bench.store.changePurchase(purchase.id, PurchaseChange(payment: .settled))
        #expect(try await isShown(to: bench.bob))
        _ = try await bench.store.changePurchase(purchase.id, PurchaseChange(payment: .refunded))
        #expect(try await !isShown(to: bench.bob))
    }

    @Test func itStaysWhenTheJobsAreGone() async throws {
        let bench = try await Bench()
        let one = try await Self.source(bench)
        let made = Self.asset()
        let job = try await Self.end(bench, making: [made], outOf: [one])
        let nothing = try await Self.end(bench, making: [], outOf: [one])
        #expect(try await bench.store.activity(of: nothing, visibleTo: nil)?.generated == [])
        let before = try await Self.walk(bench, .down, from: one)
        bench.advance(by: 2 * 24 * 3600)
        try await bench.prune(.succeeded, olderThan: .seconds(24 * 3600))
        #expect(try await bench.store.job(job) == nil)

        let after = try await Self.walk(bench, .down, from: one)
        #expect(after.assets.map(\.id) == before.assets.map(\.id) && after.assets.count == 2)
        #expect(after.activities.map(\.job) == [job])
        #expect(after.activities.first?.startedAt == before.activities.first?.startedAt)
        #expect(try await bench.store.activity(of: job, visibleTo: nil)?.generated == [made.id])
        #expect(try await bench.store.activity(of: nothing, visibleTo: nil) == nil)
    }

    @Test func itIsStoredWithTheEndOfTheJobOrNotAtAll() async throws {
        let bench = try await Bench()
        let one = try await Self.source(bench)
        let id = try await bench.schedule()
        let late = try #require(try await bench.claim())
        try await bench.store.recover(maximum: 3)
        let present = try #require(try await bench.claim())
        let asset = Self.asset()
        func ending() -> AttemptEnding {
            let activity = NewActivity(inputs: [one], startedAt: bench.now, endedAt: bench.now)
            return .succeeded(result: [:], assets: [asset], activity: activity)
        }
        func rows() throws -> [Int] { try ["activities", "used", "generated"].map(bench.count) }
        #expect(try await !bench.end(late, as: ending()))
        #expect(try rows() == [0, 0, 0])

        // The last edge can't be written: nothing of the end has happened then.
        try bench.sql { database in
            try database.execute(
                sql: "CREATE TRIGGER broken BEFORE INSERT ON generated BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        }
        await #expect(throws: (any Error).self) { try await bench.end(present, as: ending()) }
        #expect(try rows() == [0, 0, 0])
        #expect(try await bench.state(id) == .running)
        #expect(try await bench.store.asset(asset.id) == nil)

        try bench.sql { try $0.execute(sql: "DROP TRIGGER broken") }
        try await bench.store.recover(maximum: 3)
        let last = try #require(try await bench.claim())
        #expect(try await bench.end(last, as: ending()))
        #expect(try rows() == [1, 2, 1])
    }

    @Test func aJobThatMadeNoAssetLeavesNothing() async throws {
        let bench = try await Bench()
        try await Self.end(bench, making: [], outOf: [try await Self.source(bench)])
        #expect(try ["activities", "used", "generated"].map(bench.count) == [0, 0, 0])
    }

    @Test(arguments: ProvenanceWalk.Direction.allCases)
    func everyStepIsASearchInAnIndex(direction: ProvenanceWalk.Direction) async throws {
        let bench = try await Bench()
        let plan = try bench.sql { database in
            try Row.fetchAll(
                database,
                sql: "EXPLAIN QUERY PLAN " + ProvenanceReader.neighbours(direction),
                arguments: ["asset": 1, "account": 1, "admin": false]
            ).map { $0["detail"] as String }
        }
        let steps = plan.filter { !$0.contains("SUBQUERY") }
        #expect(steps.allSatisfy { $0.hasPrefix("SEARCH ") } && steps.count == 6, "\(plan)")
    }
}
