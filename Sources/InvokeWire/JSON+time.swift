package import Foundation
package import InvokeModel

extension JSON {
    /// A moment as the dialects write it: ISO 8601 in UTC with whole seconds, `2025-03-01T10:00:03Z`.
    package init(time: Date) { self = .string(time.formatted(.iso8601)) }
}

extension Date {
    /// The moment in UTC with milliseconds, as S3 writes it: `2026-01-31T10:00:00.000Z`.
    package var millisecondText: String { formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

    /// Reads a moment with or without parts of a second (RFC 3339).
    /// - Returns: nil for anything else, also for times that no day has and days that no month has: Foundation would
    ///   count on from them.
    package init?(iso8601 text: String) {
        let fields = text.split { !$0.isASCII || !$0.isNumber }.prefix(6).compactMap { Int($0) }
        guard fields.count == 6, (1...12).contains(fields[1]), fields[3] < 24, fields[4] < 60, fields[5] < 60,
            (1...Self.days(of: fields[1], in: fields[0])).contains(fields[2])
        else { return nil }
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: fractional)) else {
            return nil
        }
        self = date
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
