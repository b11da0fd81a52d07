import GRDB
import InvokeModel
import Synchronization

/// How many jobs wait to be claimed: in all, of each service and each of its pools, of each caller.
///
/// A new job is counted where it is inserted, which is in one place; of every later change a trigger tells that only the
/// writer's connection has, so no statement can forget to. What a transaction has counted is taken back when the
/// transaction is.
final class WaitingJobs: Sendable {
    private struct Change {
        let pool: PoolID
        let owner: Int64
        let difference: Int
    }

    private struct State {
        var total = 0
        var ofService: [Int64: Int] = [:]
        var ofPool: [PoolID: Int] = [:]
        var ofOwner: [Int64: Int] = [:]
        /// The changes of the open transaction.
        var uncommitted: [Change] = []

        mutating func count(_ change: Change) {
            total += change.difference
            ofService[change.pool.service, default: 0] += change.difference
            ofPool[change.pool, default: 0] += change.difference
            ofOwner[change.owner, default: 0] += change.difference
        }
    }

    private let state = Mutex(State())

    var total: Int { state.withLock(\.total) }

    func of(_ pool: PoolID) -> Int { state.withLock { $0.ofPool[pool] ?? 0 } }

    /// Counts what waits already, and from then on follows every change that the connection makes.
    func follow(_ database: Database) throws {
        for row in try Row.fetchAll(
            database,
            sql: """
                SELECT service_id, pool, owner_id, count(*) AS number FROM jobs
                WHERE claimable_at IS NOT NULL GROUP BY service_id, pool, owner_id
                """
        ) {
            let pool = PoolID(service: row["service_id"], stored: row["pool"])
            let change = Change(pool: pool, owner: row["owner_id"], difference: row["number"])
            state.withLock { $0.count(change) }
        }
        database.add(
            function: DatabaseFunction("waiting_changed", argumentCount: 4) { [self] values in
                guard let service = Int64.fromDatabaseValue(values[0]), let name = String.fromDatabaseValue(values[1]),
                    let owner = Int64.fromDatabaseValue(values[2]), let difference = Int.fromDatabaseValue(values[3])
                else { return nil }
                note(Change(pool: PoolID(service: service, stored: name), owner: owner, difference: difference))
                return nil
            }
        )
        try database.execute(
            sql: """
                CREATE TEMP TRIGGER jobs_wait_or_not AFTER UPDATE OF claimable_at ON main.jobs
                WHEN (OLD.claimable_at IS NULL) != (NEW.claimable_at IS NULL)
                BEGIN
                    SELECT waiting_changed(
                        NEW.service_id, NEW.pool, NEW.owner_id, iif(NEW.claimable_at IS NULL, -1, 1));
                END;
                """
        )
    }

    /// Counts a new job.
    func begin(_ job: NewJob) { note(Change(pool: job.pool, owner: job.owner, difference: 1)) }

    /// The changes so far of the open transaction: what `undo` goes back to.
    var mark: Int { state.withLock(\.uncommitted.count) }

    func undo(to mark: Int) {
        state.withLock { state in
            while state.uncommitted.count > mark, let change = state.uncommitted.popLast() {
                state.count(Change(pool: change.pool, owner: change.owner, difference: -change.difference))
            }
        }
    }

    /// The transaction is committed.
    /// - Returns: the pools with more waiting jobs than before.
    func settle() -> Set<PoolID> {
        state.withLock { state in
            defer { state.uncommitted.removeAll(keepingCapacity: true) }
            return Set(state.uncommitted.lazy.filter { $0.difference > 0 }.map(\.pool))
        }
    }

    private func note(_ change: Change) {
        state.withLock { state in
            state.count(change)
            state.uncommitted.append(change)
        }
    }
}

extension WaitingJobs {
    /// - Throws: `callerQuota` and `queueFull` (promise B1).
    func checkRoom(for job: NewJob) throws {
        if let refusal = refusals(of: job).first { throw refusal }
    }

    /// Every reason why there is no room for a job.
    func refusals(of job: NewJob) -> [Refusal] {
        let room = job.room
        let (ofOwner, ofService, total) = state.withLock {
            ($0.ofOwner[job.owner] ?? 0, $0.ofService[job.pool.service] ?? 0, $0.total)
        }
        var refusals: [Refusal] = []
        if ofOwner >= room.ofCaller {
            refusals.append(
                Refusal(
                    .callerQuota,
                    "\(room.ofCaller) jobs of yours wait already, which is all that one caller may have; let some end "
                        + "first.",
                    retryAfter: 5
                )
            )
        }
        if ofService >= room.ofService {
            refusals.append(
                Refusal(
                    .queueFull,
                    "\(room.ofService) jobs of the service wait already, which is all that it allows; try again shortly.",
                    retryAfter: 5
                )
            )
        }
        if total >= room.ofAgent {
            refusals.append(
                Refusal(
                    .queueFull,
                    "\(room.ofAgent) jobs wait already, which is all that the agent takes; try again shortly.",
                    retryAfter: 5
                )
            )
        }
        return refusals
    }
}
