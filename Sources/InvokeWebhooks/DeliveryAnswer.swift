import Foundation
import InvokeOutbound

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
    /// The HTTP status; nil when there was no answer.
    let status: Int?
    /// For the owner of the webhook: the first 1 KiB of the body on one line, or why there was no answer.
    let text: String

    /// The most of an answer's body that is kept.
    static let keptBytes = 1 << 10

    /// An attempt without an answer.
    init(failure: String) {
        verdict = .failed(asked: nil)
        status = nil
        text = failure
    }

    /// An answer with the beginning of its body; `retryAfter` is the header, when there is one.
    init(status: UInt, retryAfter: String?, body: [UInt8], now: Date) {
        verdict =
            switch status {
            case 200..<300: .delivered
            case 410: .gone
            case 429, 503: .failed(asked: retryAfter.flatMap { AnswerText.wait($0, now: now) })
            default: .failed(asked: nil)
            }
        self.status = Int(status)
        text = AnswerText.line(body, atMost: Self.keptBytes)
    }
}
