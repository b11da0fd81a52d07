package import Foundation
import GRDB
package import InvokeModel

/// A part of what can be followed.
package struct EventPage: Sendable {
    package let events: [LifeEvent]
    /// Whether the rest is to be read before waiting for more.
    package let hasMore: Bool
    /// Whether there will never be more.
    package let isOver: Bool
}

/// Which events of a job.
package enum EventChoice: Sendable {
    case all
    /// What its programs say, and its end.
    case log
}

extension Store {
    /// What happened to a job after a place.
    package func events(of id: JobID, _ choice: EventChoice, after place: JobPlace) async throws -> EventPage {
        try await read { database in
            guard let job = try database.job(id) else { return EventPage(events: [], hasMore: false, isOver: true) }
            let kinds =
                switch choice {
                case .all: ""
                case .log: "AND kind IN ('log', 'end')"
                }
            var events = try database.events("job_id = ? AND id > ? \(kinds)", [id.value, place.event ?? 0])
            let hasMore = events.count == Database.pageLength
            if place.event == nil, choice == .all { events.insert(LifeEvent(scheduled: id, job.createdAt), at: 0) }
            return EventPage(events: events, hasMore: hasMore, isOver: !hasMore && job.state.isTerminal)
        }
    }

    /// What happened to all jobs of an account after a place, in an order in which every job is first accepted; what their
    /// programs say is left out.
    package func events(ofAll account: Int64, after place: FeedPlace) async throws -> EventPage {
        try await read { database in
            let accepted = try database.accepted(by: account, after: place.job)
            // The events of jobs that are not read yet wait for them.
            guard accepted.count < Database.pageLength else {
                return EventPage(events: accepted, hasMore: true, isOver: false)
            }
            let events = try database.events("owner_id = ? AND id > ? AND kind != 'log'", [account, place.event])
            let hasMore = events.count == Database.pageLength
            return EventPage(events: accepted + events, hasMore: hasMore, isOver: false)
        }
    }

    /// The place after all that has happened so far.
    package func presentPlace() async throws -> FeedPlace {
        try await read { database in
            FeedPlace(
                job: JobID(value: try Int64.fetchOne(database, sql: "SELECT max(id) FROM jobs") ?? 0),
                event: try Int64.fetchOne(
                    database,
                    sql: "SELECT seq FROM sqlite_sequence WHERE name = 'job_events'"
                ) ?? 0
            )
        }
    }

    /// Everything a job's programs have said so far, standard output and error in the order they came.
    package func log(of id: JobID) async throws -> Data {
        try await read { database in
            try Data.fetchAll(
                database,
                sql: "SELECT bytes FROM job_events WHERE job_id = ? AND kind = 'log' ORDER BY id",
                arguments: [id.value]
            ).reduce(into: Data()) { $0.append($1) }
        }
    }

    /// The same in the pieces in which it came, with their times.
    package func pieces(ofLog id: JobID) async throws -> [(time: Date, bytes: Data)] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT at, bytes FROM job_events WHERE job_id = ? AND kind = 'log' ORDER BY id",
                arguments: [id.value]
            ).map { (Date(milliseconds: $0["at"]), $0["bytes"]) }
        }
    }

    /// Adds to what a job's programs have said.
    package func appendLog(_ bytes: [UInt8], of id: JobID) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.executeCached(
                sql: """
                    INSERT INTO job_events (job_id, owner_id, at, kind, bytes)
                    SELECT id, owner_id, ?, 'log', ? FROM jobs WHERE id = ?
                    """,
                arguments: [now, Data(bytes), id.value]
            )
        }
    }

    /// Notes how far a running job is; the last word counts, and replaces the one before.
    package func note(_ progress: JobProgress, of id: JobID) async throws {
        let now = now.milliseconds
        try await write { database in
            try database.executeCached(
                sql: "UPDATE jobs SET progress = ?, progress_text = ? WHERE id = ? AND state = 'running'",
                arguments: [progress.percent, progress.text, id.value]
            )
            guard database.changesCount == 1 else { return }
            try database.executeCached(
                sql: "DELETE FROM job_events WHERE job_id = ? AND kind = 'progress'",
                arguments: [id.value]
            )
            try database.executeCached(
                sql: """
                    INSERT INTO job_events (job_id, owner_id, at, kind, number, text)
                    SELECT id, owner_id, ?, 'progress', progress, progress_text FROM jobs WHERE id = ?
                    """,
                arguments: [now, id.value]
            )
        }
    }
}

extension Database {
    /// The most events that are read at once.
    fileprivate static let pageLength = 100

    fileprivate func accepted(by account: Int64, after job: JobID) throws -> [LifeEvent] {
        let statement = try cachedStatement(
            sql: "SELECT id, created_at FROM jobs WHERE owner_id = ? AND id > ? ORDER BY id LIMIT \(Self.pageLength)"
        )
        return try Row.fetchAll(statement, arguments: [account, job.value]).map {
            LifeEvent(scheduled: JobID(value: $0["id"]), Date(milliseconds: $0["created_at"]))
        }
    }

    fileprivate func events(_ condition: String, _ values: [Int64]) throws -> [LifeEvent] {
        let statement = try cachedStatement(
            sql: """
                SELECT id, job_id, at, kind, number, text, bytes FROM job_events
                WHERE \(condition) ORDER BY id LIMIT \(Self.pageLength)
                """
        )
        return try Row.fetchAll(statement, arguments: StatementArguments(values)).map { row in
            let job = JobID(value: row["job_id"])
            return LifeEvent(
                id: row["id"],
                job: job,
                time: Date(milliseconds: row["at"]),
                kind: try kind(of: row, job)
            )
        }
    }

    private func kind(of row: Row, _ id: JobID) throws -> LifeEvent.Kind {
        switch row["kind"] as String {
        case "attempt": return .attempt(row["number"])
        case "wait": return .wait(until: Date(milliseconds: row["number"]), cause: row["text"])
        case "progress": return .progress(JobProgress(percent: row["number"], text: row["text"]))
        case "log": return .log(String(decoding: row["bytes"] as Data, as: UTF8.self))
        case "end":
            guard let job = try job(id) else { throw StoreFault.unreadable("event") }
            return .end(job)
        default: throw StoreFault.unreadable("event")
        }
    }
}

extension LifeEvent {
    fileprivate init(scheduled job: JobID, _ time: Date) { self.init(id: 0, job: job, time: time, kind: .scheduled) }
}
