import Foundation
import GRDBSQLite
import InvokeModel
import Synchronization

/// Reads results of jobs over connections of its own, each with one statement that is prepared once.
///
/// A read takes a few microseconds and happens on the thread that asks for it.
final class ResultReader: Sendable {
    private let lanes: [Lane]

    /// `path` is that of the store's file. All is opened at once, so that nothing more is needed when files are few.
    /// - Throws: `SQLiteFault`.
    init(path: String) throws {
        lanes = try (0..<max(2, ProcessInfo.processInfo.activeProcessorCount)).map { _ in try Lane(path: path) }
    }

    /// - Returns: nil when there is no such job.
    /// - Throws: `SQLiteFault`.
    func result(of id: JobID) throws -> JobResult? {
        // Whoever finds all busy waits for one, as others wait for another.
        for lane in lanes { if let found = try lane.resultIfFree(of: id) { return found.value } }
        return try lanes[Int(truncatingIfNeeded: id.value) % lanes.count].result(of: id)
    }

    func close() {
        for lane in lanes { lane.close() }
    }
}

/// One connection, used by one thread at a time.
private final class Lane: Sendable {
    /// nil once the store is closed.
    private let connection: Mutex<Connection?>

    struct Found {
        let value: JobResult?
    }

    init(path: String) throws { connection = Mutex(try Connection(path: path)) }

    func resultIfFree(of id: JobID) throws -> Found? {
        try connection.withLockIfAvailable { Found(value: try Self.read(id, $0)) }
    }

    func result(of id: JobID) throws -> JobResult? {
        try connection.withLock { try Self.read(id, $0) }
    }

    func close() { connection.withLock { $0 = nil } }

    private static func read(_ id: JobID, _ connection: Connection?) throws -> JobResult? {
        guard let connection else { throw Refusal.draining }
        return try connection.result(of: id)
    }
}

private final class Connection {
    private let connection: OpaquePointer
    /// Gone before the connection is closed.
    private var statement, childStatement: RawStatement?

    init(path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened else { throw Refusal.storageUnavailable }
        connection = opened
        guard code == SQLITE_OK else { throw SQLiteFault(opened) }
        sqlite3_busy_timeout(opened, 5_000)
        statement = try RawStatement(
            """
            SELECT owner_id, state, result, error_code, error_text,
                EXISTS (SELECT 1 FROM child_jobs WHERE parent_id = jobs.id)
            FROM jobs WHERE id = ?1
            """,
            on: opened
        )
        childStatement = try RawStatement(
            """
            SELECT name, job_id, state, result, error_code, error_text
            FROM child_jobs LEFT JOIN jobs ON jobs.id = job_id WHERE parent_id = ?1 ORDER BY position
            """,
            on: opened
        )
    }

    deinit {
        statement = nil
        childStatement = nil
        sqlite3_close_v2(connection)
    }

    func result(of id: JobID) throws -> JobResult? {
        guard let statement else { return nil }
        statement.bind(id.value, at: 1)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        guard let owner = statement.integer(0), let state = statement.text(1).flatMap(JobState.init(rawValue:)) else {
            throw StoreFault.unreadable("job")
        }
        return JobResult(
            id: id,
            owner: owner,
            state: state,
            result: statement.text(2),
            failure: statement.failure(3),
            children: statement.integer(5) == 1 ? try children(of: id, state) : []
        )
    }

    /// The bytes of results that children are told with: as many as one job may have.
    private static let childResults = 1 << 20

    /// The children of a job, which are read after it: when it has ended, they have, and none of them changes any more.
    private func children(of parent: JobID, _ state: JobState) throws -> [ChildJob] {
        guard let childStatement else { return [] }
        childStatement.bind(parent.value, at: 1)
        defer { childStatement.reset() }
        var children: [ChildJob] = []
        var room = Self.childResults
        while try childStatement.step() {
            guard let name = childStatement.text(0) else { throw StoreFault.unreadable("child") }
            guard let id = childStatement.integer(1) else {
                children.append(ChildJob(name: name, ofEnded: state.isTerminal))
                continue
            }
            guard let state = childStatement.text(2).flatMap(JobState.init(rawValue:)) else {
                throw StoreFault.unreadable("child")
            }
            let result = childStatement.text(3)
            room -= result?.utf8.count ?? 0
            children.append(
                ChildJob(
                    name: name,
                    id: JobID(value: id),
                    state: state,
                    result: room >= 0 ? result : nil,
                    failure: childStatement.failure(4)
                )
            )
        }
        return children
    }
}

extension RawStatement {
    /// Why a job did not succeed, from the columns of its code and its text.
    fileprivate func failure(_ column: Int32) -> JobFailure? {
        let code = integer(column).flatMap { ErrorCode(rawValue: Int($0)) }
        return code.map { JobFailure($0, text(column + 1) ?? "") }
    }
}

extension ChildJob {
    /// A child that has not been started.
    fileprivate init(name: String, ofEnded hasParentEnded: Bool) {
        let failure = JobFailure(.cancelled, "The orchestration ended before it came to this.")
        self.init(
            name: name,
            id: nil,
            state: hasParentEnded ? .cancelled : .scheduled,
            failure: hasParentEnded ? failure : nil
        )
    }
}
