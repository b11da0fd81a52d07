import Foundation
import GRDB
import InvokeModel
import InvokeStore
import InvokeTesting
import Testing

/// Whatever happens in whatever order, each job ends once, as its first ending says (reliability promises J1 to J4).
///
/// PROPERTY_ORDERS is how many orders there are, 10,000 when it is not set.
@Suite struct JobOrderTests {
    private static let seeds: UInt64 = 20
    private static let orders = ProcessInfo.processInfo.environment["PROPERTY_ORDERS"].flatMap(UInt64.init) ?? 10_000

    @Test(arguments: 0..<seeds as Range<UInt64>)
    func everyOrderOfEventsEndsEachJobOnce(seed: UInt64) async throws {
        let bench = try await Bench(inMemory: true)
        for order in 0..<max(1, Self.orders / Self.seeds) {
            var trial = Trial(bench: bench, random: SeededNumbers(seed: seed << 32 | order))
            for step in 1...20 {
                try await trial.step()
                if step.isMultiple(of: 5) { try await trial.compare() }
            }
            try await trial.finish()
            try #require(trial.isRight, "seed \(seed), order \(order)")
        }
    }
}

/// The model: what a job must look like after every event.
private struct ModelJob {
    var state = JobState.scheduled
    let owner: Int64
    let deadline: Date
    var claimableAt: Date?
    /// The attempt that holds the job, and until when.
    var holder: Int?
    var leaseUntil = Date.distantPast
    var attempts = 0
    var interruptions = 0
    var isCancelAsked = false
    var result: String?
    var failure: ErrorCode?
    var endedAt: Date?

    mutating func end(_ state: JobState, at date: Date, result: String? = nil, failure: ErrorCode? = nil) {
        (self.state, self.result, self.failure, endedAt) = (state, result, failure, date)
        (claimableAt, holder) = (nil, nil)
    }
}

private struct Trial {
    let bench: Bench
    var random: SeededNumbers
    var jobs: [JobID: ModelJob] = [:]
    /// Every lease that has not been used, stale ones too, by the number of its claim.
    var leases: [Int: LeaseBox] = [:]
    var claims = 0
    var isRight = true

    /// Claims go to the workers in turn.
    private static let workers = 2
    private static let lease: Duration = .seconds(15)

    mutating func step() async throws {
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<4: try await schedule()
        case 4..<9: try await claim()
        case 9..<14: try await end()
        case 14..<16: try await cancel()
        case 16: try await recover()
        case 17: try await failOverdue()
        case 18: try await failOverrun()
        case 19..<21: try await renew()
        default: bench.advance(by: Double.random(in: 0...15, using: &random).rounded())
        }
    }

    private mutating func schedule() async throws {
        let owner = Bool.random(using: &random) ? bench.ada : bench.bob
        let lifetime = Int.random(in: 5...60, using: &random)
        let job = bench.job(of: owner, lifetime: .seconds(lifetime), webhook: "https://example.com/")
        let now = bench.now
        let id = try await bench.store.schedule(job).job
        jobs[id] = ModelJob(owner: owner.id, deadline: now + Double(lifetime), claimableAt: now)
    }

    private mutating func claim() async throws {
        let now = bench.now
        let turn = [0, bench.ada.id, bench.bob.id][Int.random(in: 0..<3, using: &random)]
        let waiting = jobs.filter { _, job in job.claimableAt.map { $0 <= now && job.deadline > now } ?? false }
        let next =
            waiting.filter { $0.value.owner > turn }.min(by: Self.isServedBefore)
            ?? waiting.min(by: Self.isServedBefore)
        let box = try await bench.claim(after: turn, lease: Self.lease)
        expect(box?.claim.job == next?.key)
        guard let box, let next else { return }
        claims += 1
        leases[claims] = box
        jobs[next.key]?.state = .running
        jobs[next.key]?.attempts += 1
        jobs[next.key]?.claimableAt = nil
        jobs[next.key]?.holder = claims
        jobs[next.key]?.leaseUntil = now + 15
    }

    private static func isServedBefore(_ one: (JobID, ModelJob), _ other: (JobID, ModelJob)) -> Bool {
        let dates = (one.1.claimableAt ?? .distantFuture, other.1.claimableAt ?? .distantFuture)
        return (one.1.owner, dates.0, one.0) < (other.1.owner, dates.1, other.0)
    }

    private mutating func end() async throws {
        let now = bench.now
        // Whoever ends an attempt, its worker or a late one: the claim alone counts.
        guard let (number, box) = leases.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        leases[number] = nil
        let id = box.claim.job
        let isHolder = jobs[id]?.holder == number
        let result: JSON = ["attempt": .string("\(number)")]
        let later = now + Double(Int.random(in: 0...20, using: &random))
        let variant = Int.random(in: 0..<4, using: &random)
        let endings: [AttemptEnding] = [
            .succeeded(result: result, assets: []), .failed(JobFailure(.operationFailed, "by \(number)")),
            .retry(at: later, reason: "by \(number)"), .interrupted(reason: "by \(number)"),
        ]
        expect(try await bench.end(box, as: endings[variant]) == isHolder)
        guard isHolder else { return }
        jobs[id]?.holder = nil
        switch variant {
        case 0: jobs[id]?.end(.succeeded, at: now, result: result.text)
        case _ where jobs[id]?.isCancelAsked == true: jobs[id]?.end(.cancelled, at: now, failure: .cancelled)
        case 1: jobs[id]?.end(.failed, at: now, failure: .operationFailed)
        case 2: jobs[id]?.claimableAt = later
        default:
            jobs[id]?.interruptions += 1
            jobs[id]?.claimableAt = now
        }
    }

    private mutating func cancel() async throws {
        let now = bench.now
        guard let id = jobs.keys.sorted().randomElement(using: &random), let job = jobs[id] else { return }
        let state = try await bench.store.cancel(id)
        if job.state.isTerminal {
            expect(state == job.state)
        } else if job.claimableAt != nil {
            expect(state == .cancelled)
            jobs[id]?.end(.cancelled, at: now, failure: .cancelled)
        } else {
            expect(state == .running)
            jobs[id]?.isCancelAsked = true
        }
    }

    private mutating func recover() async throws {
        try await bench.store.recover(maximum: 3)
        for (id, job) in jobs where !job.state.isTerminal && job.claimableAt == nil { release(id, job, delayed: false) }
    }

    /// One worker renews what it holds, and rescues what nobody has renewed.
    private mutating func renew() async throws {
        let now = bench.now
        let worker = Int.random(in: 0..<Self.workers, using: &random)
        let held = leases.filter { $0.key % Self.workers == worker }
        let news = try await bench.store.renew(held.values.map(\.claim), for: Self.lease, maximum: 3) { .seconds($0) }
        var (lost, cancelled): (Set<Claim.Name>, Set<Claim.Name>) = ([], [])
        for (number, box) in held {
            let job = jobs[box.claim.job]
            guard job?.holder == number else {
                lost.insert(box.claim.name)
                continue
            }
            jobs[box.claim.job]?.leaseUntil = now + 15
            if job?.isCancelAsked == true { cancelled.insert(box.claim.name) }
        }
        expect(Set(news.lost.map(\.name)) == lost)
        expect(Set(news.cancelled.map(\.name)) == cancelled)
        for (id, job) in jobs where job.holder != nil && job.leaseUntil <= now { release(id, job, delayed: true) }
    }

    private mutating func release(_ id: JobID, _ job: ModelJob, delayed: Bool) {
        let now = bench.now
        jobs[id]?.holder = nil
        if job.isCancelAsked {
            jobs[id]?.end(.cancelled, at: now, failure: .cancelled)
        } else if job.deadline <= now {
            jobs[id]?.end(.failed, at: now, failure: .deadlinePassed)
        } else if job.attempts - job.interruptions >= 3 {
            jobs[id]?.end(.failed, at: now, failure: .attemptsExhausted)
        } else {
            jobs[id]?.claimableAt = now + (delayed ? Double(job.attempts - job.interruptions) : 0)
        }
    }

    private mutating func failOverrun() async throws {
        let now = bench.now
        try await bench.store.failOverrun(grace: .seconds(10))
        for (id, job) in jobs where job.claimableAt == nil && !job.state.isTerminal && job.deadline + 10 <= now {
            jobs[id]?.end(
                job.isCancelAsked ? .cancelled : .failed,
                at: now,
                failure: job.isCancelAsked ? .cancelled : .deadlinePassed
            )
        }
    }

    private mutating func failOverdue() async throws {
        let now = bench.now
        try await bench.store.failOverdue()
        for (id, job) in jobs where job.claimableAt != nil && job.deadline <= now {
            jobs[id]?.end(.failed, at: now, failure: .deadlinePassed)
        }
    }

    mutating func compare() async throws {
        var found: [Job] = []
        for owner in [bench.ada.id, bench.bob.id] {
            let count = jobs.values.count { $0.owner == owner }
            if count > 0 { found += try await bench.store.jobs(of: owner, JobFilter(limit: count)) }
        }
        expect(found.count == jobs.count)
        for job in found {
            let model = jobs[job.id]
            expect(job.state == model?.state)
            expect(try bench.store.result(of: job.id)?.result == model?.result)
            expect(job.failure?.code == model?.failure)
            expect(job.attempts == model?.attempts)
            expect(job.claimableAt == model?.claimableAt)
            expect(job.endedAt == model?.endedAt)
        }
        let waiting = bench.store.waitingJobs(of: PoolID(service: bench.service))
        expect(waiting == jobs.values.count { $0.claimableAt != nil && !$0.state.isTerminal })
    }

    /// Uses up all leases, then lets the deadlines pass: nothing is left open, and each end is announced once.
    mutating func finish() async throws {
        while !leases.isEmpty { try await end() }
        bench.advance(by: 100)
        try await failOverrun()
        try await failOverdue()
        try await compare()
        for (id, job) in jobs {
            expect(job.state.isTerminal)
            expect(try await bench.store.deliveries(of: id).count == 1)
        }
    }

    private mutating func expect(_ condition: Bool, _ location: SourceLocation = #_sourceLocation) {
        #expect(condition, sourceLocation: location)
        isRight = isRight && condition
    }
}
