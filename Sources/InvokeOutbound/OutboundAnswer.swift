package import Foundation

/// What a server has answered.
package struct OutboundAnswer: Sendable {
    package let status: UInt
    /// The header of this name, as it came.
    package let retryAfter: String?
    /// At most as many bytes as the client reads.
    package let body: [UInt8]
    /// Whether `body` is all of it.
    package let isWhole: Bool
}

/// Reading what strangers say.
package enum AnswerText {
    /// The beginning of a body as one line of text, without what terminals and logs would act on.
    package static func line(_ body: [UInt8], atMost bytes: Int) -> String {
        var line = ""
        for scalar in String(decoding: body.prefix(bytes), as: UTF8.self).unicodeScalars {
            line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return line.trimmingCharacters(in: .whitespaces)
    }

    /// Reads `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
    package static func wait(_ retryAfter: String, now: Date) -> Duration? {
        let text = retryAfter.trimmingCharacters(in: .whitespaces)
        if let seconds = UInt32(text) { return .seconds(Int(seconds)) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: text) else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }
}
