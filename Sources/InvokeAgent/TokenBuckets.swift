import Synchronization

/// Buckets of tokens, one for each key, all filled evenly.
///
/// A bucket is held as the moment at which it will be full again. One that is full needs no room.
package final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    /// What has come of a wish for a token. Times are in nanoseconds.
    package struct Taking: Sendable {
        package let isGranted: Bool
        package let remaining: Int
        package let timeUntilNext: Int64
        package let timeUntilFull: Int64
    }

    private let timePerToken: Int64
    private let timeOfAll: Int64
    private let maximumKept = 10_000
    private let fullAt = Mutex<[Key: Int64]>([:])

    /// `size` is how many tokens a full bucket has; one comes back every `nanosecondsPerToken`.
    package init(size: Int, nanosecondsPerToken: Int64) {
        timePerToken = nanosecondsPerToken
        timeOfAll = nanosecondsPerToken * Int64(size)
    }

    /// Takes a token, if there is one; `now` is in nanoseconds of a clock that never goes back.
    package func take(from key: Key, at now: Int64) -> Taking {
        let (used, isGranted) = fullAt.withLock { fullAt in
            let before = max(fullAt[key] ?? now, now) - now
            let after = before + timePerToken
            guard after <= timeOfAll else { return (before, false) }
            if fullAt.count >= maximumKept { fullAt = fullAt.filter { $0.value > now } }
            fullAt[key] = now + after
            return (after, true)
        }
        return Taking(
            isGranted: isGranted,
            remaining: Int((timeOfAll - used) / timePerToken),
            timeUntilNext: max(0, used + timePerToken - timeOfAll),
            timeUntilFull: used
        )
    }

    /// Puts a token back that was not needed after all.
    package func giveBack(to key: Key) { fullAt.withLock { $0[key]? -= timePerToken } }
}
