import Foundation

/// What came of one attempt.
struct DeliveryAnswer: Sendable, Hashable {
    enum Verdict: Sendable, Hashable {
        case delivered
        /// - asked: how long the receiver wants to be left alone.
        case failed(asked: Duration?)
        /// 410: the receiver wants no more of it.
        case gone
    }

    let verdict: Verdict
    /// For the owner of the webhook: the status and the first 1 KiB of the body, or why there was no answer.
    let text: String

    /// The most of an answer's body that is kept.
    static let keptBytes = 1 << 10

    /// An attempt without an answer.
    init(failure: String) {
        verdict = .failed(asked: nil)
        text = failure
    }

    /// An answer with the beginning of its body; `retryAfter` is the header, when there is one.
    init(status: UInt, retryAfter: String?, body: [UInt8], now: Date) {
        verdict =
            switch status {
            case 200..<300: .delivered
            case 410: .gone
            case 429, 503: .failed(asked: retryAfter.flatMap { Self.wait($0, now: now) })
            default: .failed(asked: nil)
            }
        var shown = ""
        for scalar in String(decoding: body.prefix(Self.keptBytes), as: UTF8.self).unicodeScalars {
            shown.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        shown = shown.trimmingCharacters(in: .whitespaces)
        text = "HTTP \(status)" + (shown.isEmpty ? "" : ": " + shown)
    }

    /// Reads `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
    private static func wait(_ text: String, now: Date) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = UInt32(text) { return .seconds(Int(seconds)) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: text) else { return nil }
        return .seconds(max(0, date.timeIntervalSince(now)))
    }
}
