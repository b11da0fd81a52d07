import Foundation
import GRDB
import InvokeModel
import InvokeStore
import Testing

/// Writes that arrive together share commits, and none of them feels the others.
@Suite(.timeLimit(.minutes(5))) struct CommitQueueTests {
    @Test func writesThatThrowTakeNothingWithThemAndLeaveNothingBehind() async throws {
        let bench = try await Bench()
        let spent = try await bench.purchase(uses: 0).rowID
        let accepted = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for number in 0..<200 {
                // Every fourth is written, and then found to be unpaid.
                let job = bench.job(of: bench.bob, payments: number.isMultiple(of: 4) ? [.purchase(spent)] : [])
                group.addTask {
                    do { return try await bench.store.schedule(job).job } catch let refusal as Refusal {
                        #expect(refusal.code == .notPaid)
                        return nil
                    }
                }
            }
            return try await group.reduce(into: Set<JobID>()) { if let id = $1 { $0.insert(id) } }
        }
        let stored = try bench.sql { try Int64.fetchSet($0, sql: "SELECT id FROM jobs") }
        #expect(accepted.count == 150)
        #expect(stored == Set(accepted.map(\.value)))
        #expect(try bench.count("purchase_uses") == 0)
        #expect(bench.store.waitingJobs(of: PoolID(service: bench.service)) == 150)
    }

    @Test func writesThatWaitTogetherShareACommit() async throws {
        let bench = try await Bench()
        let before = try WriteAheadLog(of: bench.path).commits
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let blocker = try DatabaseQueue(path: bench.path, configuration: configuration)
        try blocker.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    ask.yield()
                    _ = try await bench.schedule()
                }
            }
            // Nobody can write until all have asked for it.
            for await _ in asked.prefix(200) {}
            try blocker.inDatabase { try $0.execute(sql: "ROLLBACK") }
            try await group.waitForAll()
        }
        try blocker.close()
        let commits = try WriteAheadLog(of: bench.path).commits - before
        #expect(try bench.count("jobs") == 200)
        #expect((1...20).contains(commits))
    }

    @Test func aWriteIsOnTheDiskWhenItReturns() async throws {
        let bench = try await Bench()
        for _ in 0..<5 {
            let before = try WriteAheadLog(of: bench.path).commits
            _ = try await bench.schedule()
            #expect(try WriteAheadLog(of: bench.path).commits == before + 1)
        }
    }
}

/// What SQLite's log of a database holds (its file format, "the write-ahead log").
private struct WriteAheadLog {
    /// Every commit ends with a frame that names the size of the database after it.
    let commits: Int

    init(of path: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: path + "-wal"))
        func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        let frame = 24 + number(at: 8)
        commits = stride(from: 32, through: bytes.count - frame, by: frame).count { offset in
            // Frames of an earlier round of the log bear another salt.
            bytes[offset + 8..<offset + 16] == bytes[16..<24] && number(at: offset + 4) > 0
        }
    }
}
