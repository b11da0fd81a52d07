import InvokeModel

/// How many wrong passwords are looked at: so many in a minute for one name from one place, and what comes beyond is refused
/// before it costs a slow hash.
final class PasswordTrials: Sendable {
    private struct Trial: Hashable {
        let username: String
        let place: String
    }

    private let most: Int
    private let buckets: TokenBuckets<Trial>
    private let now: @Sendable () -> Int64

    /// `most` is how many a minute may have, 0 for any number; `now` is in nanoseconds.
    init(most: Int, now: (@Sendable () -> Int64)? = nil) {
        let start = ContinuousClock.now
        self.most = most
        buckets = TokenBuckets(size: most, nanosecondsPerToken: 60_000_000_000 / Int64(max(1, most)))
        self.now = now ?? { Int64(start.duration(to: .now) / .nanoseconds(1)) }
    }

    /// Checks a password; one that is right costs nothing.
    ///
    /// The token is taken before the check, so that many who try at once are counted, too.
    /// - Throws: `rateLimited`, and what the check throws.
    func checking<Value>(
        _ username: String,
        from place: String,
        _ check: () async throws -> Value
    ) async throws -> Value {
        guard most > 0 else { return try await check() }
        // No account has a longer name.
        let trial = Trial(username: String(username.prefix(65)), place: place)
        let taking = buckets.take(from: trial, at: now())
        guard taking.isGranted else {
            throw Refusal(
                .rateLimited,
                "There were \(most) wrong passwords for this name within a minute, the most that are looked at. Try again "
                    + "later, or use a token.",
                retryAfter: Int((taking.timeUntilNext + 999_999_999) / 1_000_000_000)
            )
        }
        do {
            let value = try await check()
            buckets.giveBack(to: trial)
            return value
        } catch let refusal as Refusal where refusal == .unauthenticated {
            throw refusal
        } catch {
            // Whether it is wrong, nobody knows.
            buckets.giveBack(to: trial)
            throw error
        }
    }
}
