import HTTPTypes
import Hummingbird
import InvokeModel
import NIOCore
import Synchronization

/// How many requests an account may send (reliability promise B4): a bucket of tokens per account, filled evenly.
///
/// A bucket is held as the moment at which it will be full again. One that is full needs no room.
final class RateLimiter: Sendable {
    /// What an account has left.
    struct Standing {
        let remaining: Int
        /// Whole seconds until the bucket is full again.
        let seconds: Int
    }

    private static let window = 5
    private static let maximumKept = 10_000

    /// Tokens of a full bucket.
    private let quota: Int
    private let nanosecondsPerToken: Int64
    private let policy: String
    private let fullAt = Mutex<[Int64: NIODeadline]>([:])
    private let now: @Sendable () -> NIODeadline

    /// `rate` is in requests per second, 1 to a million; 5 seconds' worth may come at once.
    init(rate: Int, now: @escaping @Sendable () -> NIODeadline = NIODeadline.now) {
        quota = rate * Self.window
        nanosecondsPerToken = 1_000_000_000 / Int64(rate)
        policy = "\"default\";q=\(quota);w=\(Self.window)"
        self.now = now
    }

    /// Takes a token.
    /// - Throws: `rateLimited` when there is none; the request then costs nothing.
    func take(_ account: Int64) throws(Refusal) -> Standing {
        let now = now()
        let full = TimeAmount.nanoseconds(nanosecondsPerToken * Int64(quota))
        let (used, isTaken) = fullAt.withLock { fullAt in
            let before = max(fullAt[account] ?? now, now) - now
            let after = before + .nanoseconds(nanosecondsPerToken)
            guard after <= full else { return (before, false) }
            if fullAt.count >= Self.maximumKept { fullAt = fullAt.filter { $0.value > now } }
            fullAt[account] = now + after
            return (after, true)
        }
        let seconds = Int((used.nanoseconds + 999_999_999) / 1_000_000_000)
        guard isTaken else {
            throw Refusal(
                .rateLimited,
                "You have sent \(quota) requests within \(Self.window) seconds, the most that you may send. Slow down.",
                retryAfter: seconds
            )
        }
        return Standing(remaining: Int((full - used).nanoseconds / nanosecondsPerToken), seconds: seconds)
    }

    /// Answers a request if its caller has a token left, and tells every known caller how it stands.
    static func limit(
        _ limiter: RateLimiter?,
        _ caller: Account?,
        _ request: Request,
        _ context: AgentContext,
        _ answer: () async throws -> Response
    ) async throws -> Response {
        guard let limiter, let caller else { return try await answer() }
        var standing: Standing?
        var response: Response
        do {
            standing = try limiter.take(caller.id)
            response = try await answer()
        } catch {
            response = ErrorAnswers.answer(to: request, error, context)
        }
        limiter.mark(&response, standing)
        return response
    }

    /// Tells the caller how it stands; nil when it has nothing left, and then `Retry-After` is the time to name.
    func mark(_ response: inout Response, _ standing: Standing?) {
        let (remaining, seconds) =
            standing.map { ($0.remaining, "\($0.seconds)") }
            ?? (0, response.headers[.retryAfter] ?? "1")
        response.headers.append(HTTPField(name: .rateLimitPolicy, value: policy))
        response.headers.append(HTTPField(name: .rateLimit, value: "\"default\";r=\(remaining);t=\(seconds)"))
    }
}
