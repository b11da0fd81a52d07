import GRDB
import InvokeModel

/// The transaction that waiting writes share, each of which can be taken back alone.
final class SharedTransaction {
    let database: Database
    /// Jobs that wait, as the writes so far leave them.
    let waitingJobs: WaitingJobs
    /// Whom the transaction is news for.
    let news: EventNews
    /// Writes the row of a new job: `NewJob.insertion`.
    let jobInsertion: RawStatement
    /// The highest id that a job has been given.
    var lastJob: JobID

    private let connection: OpaquePointer
    private let beginning, committing, rollingBack: RawStatement
    private let saving, releasing, undoing: RawStatement
    /// What SQLite said when it took back the whole transaction by itself, or when the disk failed under a write.
    private var fault: SQLiteFault?

    init(_ database: Database, _ waitingJobs: WaitingJobs, _ news: EventNews) throws {
        let connection = try database.connection
        self.database = database
        self.connection = connection
        self.waitingJobs = waitingJobs
        self.news = news
        // Immediate, so that no read in it can find later that another connection is writing (promise D4).
        beginning = try RawStatement("BEGIN IMMEDIATE", on: connection)
        committing = try RawStatement("COMMIT", on: connection)
        rollingBack = try RawStatement("ROLLBACK", on: connection)
        saving = try RawStatement("SAVEPOINT one_write", on: connection)
        releasing = try RawStatement("RELEASE one_write", on: connection)
        undoing = try RawStatement("ROLLBACK TO one_write", on: connection)
        jobInsertion = try RawStatement(NewJob.insertion, on: connection)
        lastJob = JobID(value: try Int64.fetchOne(database, sql: "SELECT max(id) FROM jobs") ?? 0)
    }

    /// Whether more can be written in it.
    var isOpen: Bool { fault == nil }

    func begin() throws {
        fault = nil
        try beginning.run()
    }

    /// - Returns: the pools with more waiting jobs than before.
    /// - Throws: `SQLiteFault` when nothing of the transaction is on the disk.
    func commit() throws -> Set<PoolID> {
        if let fault { throw fault }
        try committing.run()
        return waitingJobs.settle()
    }

    /// Takes back everything, as far as SQLite has not done so already.
    func rollBack() {
        if database.isInsideTransaction { _ = try? rollingBack.run() }
        waitingJobs.undo(to: 0)
    }

    /// Runs one write; when it throws, its changes are taken back and only those.
    func run<Value>(undoable: Bool, _ write: (SharedTransaction) throws -> Value) throws -> Value {
        let mark = undoable ? waitingJobs.mark : nil
        do {
            guard undoable else { return try write(self) }
            try saving.run()
            let value = try write(self)
            try releasing.run()
            return value
        } catch {
            notice(error)
            if let mark {
                if isOpen {
                    try undoing.run()
                    try releasing.run()
                }
                waitingJobs.undo(to: mark)
            }
            throw error
        }
    }

    private func notice(_ error: any Error) {
        guard error is DatabaseError || error is SQLiteFault else { return }
        let last = (error as? SQLiteFault) ?? SQLiteFault(connection)
        if last.isDiskFailure || !database.isInsideTransaction { fault = last }
    }
}

extension Database {
    /// The connection as SQLite's own interface takes it.
    var connection: OpaquePointer {
        get throws {
            guard let sqliteConnection else { throw StoreFault.unreadable("connection") }
            return sqliteConnection
        }
    }

    /// Executes a statement that is prepared once: for those that every job needs.
    func executeCached(sql: String, arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
