import GRDB
import InvokeModel
import InvokeStore
import Testing

/// The second lock: what the schema itself refuses, whatever statement asks for it.
@Suite(.timeLimit(.minutes(5))) struct JobRulesTests {
    private static let pairs = JobState.allCases.flatMap { before in JobState.allCases.map { (before, $0) } }

    private static func isMove(_ before: JobState, _ after: JobState) -> Bool {
        JobEvent.allCases.contains { (try? before.after($0)) == after }
    }

    @Test func theTableOfMovesIsTheSwitch() async throws {
        let bench = try await Bench()
        let rows = try bench.sql { database in
            try Row.fetchAll(database, sql: "SELECT before, after FROM job_moves").map {
                "\($0["before"] as String) \($0["after"] as String)"
            }
        }
        let moves = Self.pairs.filter(Self.isMove).map { "\($0.rawValue) \($1.rawValue)" }
        #expect(rows.sorted() == moves.sorted())
    }

    @Test(arguments: pairs)
    func theTriggerAllowsTheMovesOfTheSwitchAndNoOthers(before: JobState, after: JobState) async throws {
        guard before != after else { return }
        let bench = try await Bench()
        let id = try await bench.schedule()
        try bench.sql { database in
            if before != .scheduled {
                try database.execute(sql: Self.move(to: .running), arguments: [id.value])
                if before != .running { try database.execute(sql: Self.move(to: before), arguments: [id.value]) }
            }
            if Self.isMove(before, after) {
                try database.execute(sql: Self.move(to: after), arguments: [id.value])
            } else {
                #expect(throws: DatabaseError.self) {
                    try database.execute(sql: Self.move(to: after), arguments: [id.value])
                }
            }
        }
        #expect(try await bench.state(id) == (Self.isMove(before, after) ? after : before))
    }

    /// An update to a state with all that its CHECKs ask for.
    private static func move(to state: JobState) -> String {
        let rest =
            switch state {
            case .scheduled: "ended_at = NULL"
            case .running: "attempts = 1, started_at = 1, ended_at = NULL"
            case .succeeded:
                "attempts = 1, started_at = 1, claimable_at = NULL, ended_at = 2, result = '{}', error_code = NULL"
            case .failed: "claimable_at = NULL, ended_at = 2, result = NULL, error_code = 8005"
            case .cancelled: "claimable_at = NULL, ended_at = 2, result = NULL, error_code = 8208"
            }
        return "UPDATE jobs SET state = '\(state.rawValue)', \(rest) WHERE id = ?"
    }

    @Test(arguments: [JobState.succeeded, .failed, .cancelled])
    func anEndedJobNeverChanges(state: JobState) async throws {
        let bench = try await Bench()
        let id = try await bench.schedule()
        try bench.sql { database in
            try database.execute(sql: Self.move(to: .running), arguments: [id.value])
            try database.execute(sql: Self.move(to: state), arguments: [id.value])
            for change in [
                "result = '{\"more\":1}'", "error_code = 8200", "error_text = 'other'", "ended_at = 3", "attempts = 9",
                "progress = 5", "owner_id = owner_id", "claimable_at = 1",
            ] {
                #expect(throws: DatabaseError.self, "\(change)") {
                    try database.execute(sql: "UPDATE jobs SET \(change) WHERE id = ?", arguments: [id.value])
                }
            }
        }
    }

    @Test func aJobThatNobodyHasTriedDoesNotRun() async throws {
        let bench = try await Bench()
        try bench.sql { database in
            #expect(throws: DatabaseError.self) {
                try database.execute(
                    sql: """
                        INSERT INTO jobs (id, operation_id, service_id, owner_id, state, inputs, created_at, started_at,
                            deadline_at)
                        VALUES (1, ?, ?, ?, 'running', '{}', 1, 1, 2)
                        """,
                    arguments: [bench.operation.id, bench.service, bench.ada.id]
                )
            }
        }
    }

    @Test(arguments: [
        // A type that the column does not have.
        "UPDATE jobs SET attempts = 'many'", "UPDATE jobs SET deadline_at = 1.5", "UPDATE jobs SET inputs = x'7b7d'",
        "UPDATE accounts SET username = NULL",
        // A value outside of its range.
        "UPDATE jobs SET state = 'waiting'", "UPDATE jobs SET attempts = -1", "UPDATE jobs SET interruptions = 1",
        "UPDATE jobs SET progress = 101", "UPDATE jobs SET progress = -1", "UPDATE jobs SET cancel_asked = 2",
        "UPDATE jobs SET inputs = '[]'", "UPDATE jobs SET inputs = '7'", "UPDATE jobs SET owner_id = 999",
        "UPDATE accounts SET username = ''", "UPDATE accounts SET password_hash = 'open sesame'",
        "UPDATE accounts SET public_id = x'00'", "UPDATE accounts SET is_admin = 2",
        "UPDATE accounts SET username = 'ada'", "UPDATE services SET definition = '{'",
        "UPDATE operations SET is_current = 2", "UPDATE assets SET asset_id = x'00'",
        "UPDATE assets SET is_private = 2", "UPDATE services SET queue = 0",
        "UPDATE services SET concurrency = 0", "DELETE FROM operations", "DELETE FROM services",
        // Members that contradict each other.
        "UPDATE jobs SET ended_at = 1", "UPDATE jobs SET result = '{}'", "UPDATE jobs SET error_code = 8005",
        "UPDATE jobs SET state = 'running'", "UPDATE jobs SET state = 'failed', ended_at = 1, claimable_at = NULL",
        "UPDATE assets SET content_size = 1", "UPDATE assets SET content_hash = zeroblob(32)",
        "UPDATE assets SET declared_hash = zeroblob(31)",
        "UPDATE assets SET declared_hash = zeroblob(32), content_hash = randomblob(32), content_size = 1",
    ])
    func nonsenseIsRefusedByTheSchema(statement: String) async throws {
        let bench = try await Bench()
        _ = try await bench.schedule()
        try bench.sql { database in
            #expect {
                try database.execute(sql: statement)
            } throws: { error in
                (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
            }
        }
    }
}
