import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import NIOCore

/// How many requests an account may send (reliability promise B4): a bucket of tokens per account.
final class RateLimiter: Sendable {
    /// What an account has left.
    struct Standing {
        let remaining: Int
        /// Whole seconds until the bucket is full again.
        let seconds: Int
    }

    private static let window = 5

    /// Tokens of a full bucket.
    private let quota: Int
    private let buckets: TokenBuckets<Int64>
    private let policy: String
    private let now: @Sendable () -> NIODeadline

    /// `rate` is in requests per second, 1 to a million; 5 seconds' worth may come at once.
    init(rate: Int, now: @escaping @Sendable () -> NIODeadline = NIODeadline.now) {
        quota = rate * Self.window
        buckets = TokenBuckets(size: quota, nanosecondsPerToken: 1_000_000_000 / Int64(rate))
        policy = "\"default\";q=\(quota);w=\(Self.window)"
        self.now = now
    }

    /// Takes a token.
    /// - Throws: `rateLimited` when there is none; the request then costs nothing.
    func take(_ account: Int64) throws(Refusal) -> Standing {
        let taking = buckets.take(from: account, at: Int64(now().uptimeNanoseconds))
        let seconds = Int((taking.timeUntilFull + 999_999_999) / 1_000_000_000)
        guard taking.isGranted else {
            throw Refusal(
                .rateLimited,
                "You have sent \(quota) requests within \(Self.window) seconds, the most that you may send. Slow down.",
                retryAfter: seconds
            )
        }
        return Standing(remaining: taking.remaining, seconds: seconds)
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
