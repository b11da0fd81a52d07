package import Foundation
package import InvokeModel

extension JSON {
    /// A moment as the dialects write it: ISO 8601 in UTC with whole seconds, `2025-03-01T10:00:03Z`.
    package init(time: Date) { self = .string(time.formatted(.iso8601)) }
}

extension Date {
    /// Reads a moment with or without parts of a second.
    /// - Returns: nil for anything else.
    package init?(iso8601 text: String) {
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: fractional)) else {
            return nil
        }
        self = date
    }
}
