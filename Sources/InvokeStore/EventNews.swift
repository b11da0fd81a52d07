import GRDB
import InvokeModel
import Synchronization

/// Whose followers are to be told of the open transaction.
///
/// Triggers that only the writer's connection has tell of every row of the event logs, so no statement can forget to; a
/// new job, which has no such row, is told of where it is inserted.
final class EventNews: Sendable {
    private let topics = Mutex<Set<Signals.Topic>>([])

    /// From now on follows every event that the connection writes.
    func follow(_ database: Database) throws {
        database.add(
            function: DatabaseFunction("event_written", argumentCount: 2) { [self] values in
                guard let job = Int64.fromDatabaseValue(values[0]) else { return nil }
                let owner = Int64.fromDatabaseValue(values[1])
                topics.withLock { topics in
                    topics.insert(.job(JobID(value: job)))
                    if let owner { topics.insert(.jobs(ofAccount: owner)) }
                }
                return nil
            }
        )
        database.add(
            function: DatabaseFunction("object_event_written", argumentCount: 1) { [self] values in
                guard let bucket = String.fromDatabaseValue(values[0]) else { return nil }
                topics.withLock { $0.formUnion([.objects, .objectsOf(bucket: bucket)]) }
                return nil
            }
        )
        try database.execute(
            sql: """
                CREATE TEMP TRIGGER object_event_written AFTER INSERT ON main.object_events
                BEGIN
                    SELECT object_event_written(NEW.bucket);
                END;
                CREATE TEMP TRIGGER event_written AFTER INSERT ON main.job_events
                BEGIN
                    SELECT event_written(NEW.job_id, iif(NEW.kind = 'log', NULL, NEW.owner_id));
                END;
                """
        )
    }

    /// A new job of the account.
    func began(of owner: Int64) { topics.withLock { _ = $0.insert(.jobs(ofAccount: owner)) } }

    /// All topics so far, once; what was taken back meanwhile wakes somebody for nothing.
    func take() -> Set<Signals.Topic> {
        topics.withLock { topics in
            defer { topics.removeAll(keepingCapacity: true) }
            return topics
        }
    }
}
