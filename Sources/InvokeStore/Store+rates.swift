import Foundation
import GRDB
import InvokeModel

extension Store {
    /// The rates of the last hour by minute, the oldest first; the last minute is not over.
    ///
    /// Counts the jobs that are kept, each minute until one after its end: a commit comes a moment after the time in it.
    package func rates() async throws -> [MinuteRates] {
        let last = now.milliseconds / 60_000
        let first = last - 59
        let known = rateHistory.minutes
        let start = (first...last).first { known[$0] == nil } ?? last
        let counted = try await read { try Self.rates(from: start, to: last, $0) }
        rateHistory.note(counted.filter { $0.key < last - 1 }, from: first)
        return (first...last).map { known[$0] ?? counted[$0] ?? MinuteRates(minute: $0) }
    }

    private static func rates(from first: Int64, to last: Int64, _ database: Database) throws -> [Int64: MinuteRates] {
        var rates = Dictionary(uniqueKeysWithValues: (first...last).map { ($0, MinuteRates(minute: $0)) })
        // A job's id begins with the time of its acceptance.
        let accepted = try Row.fetchAll(
            database,
            sql: """
                SELECT ((id >> 18) + :epoch) / 60000 AS minute, count(*) AS jobs FROM jobs WHERE id >= :id GROUP BY 1
                """,
            arguments: [
                "epoch": JobID.epoch, "id": JobID(earliestAt: Date(milliseconds: first * 60_000)).value,
            ]
        )
        for row in accepted { rates[row["minute"]]?.accepted = row["jobs"] }
        for (state, count) in [
            (JobState.succeeded, \MinuteRates.succeeded), (.failed, \.failed), (.cancelled, \.cancelled),
        ] {
            let ended = try Row.fetchAll(
                database,
                sql: """
                    SELECT ended_at / 60000 AS minute, count(*) AS jobs FROM jobs
                    WHERE state = :state AND ended_at >= :start GROUP BY 1
                    """,
                arguments: ["state": state.rawValue, "start": first * 60_000]
            )
            for row in ended { rates[row["minute"]]?[keyPath: count] = row["jobs"] }
        }
        return rates
    }
}
