import Foundation
import InvokeModel
import Synchronization

/// What a caller shows to say who he is.
package enum Credential: Sendable {
    case password(username: String, password: String)
    case token(String)

    /// Reads an `Authorization` header: `Basic`, `token X` or `Bearer X`, the scheme in any case.
    package init?(authorization header: String) {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = parts[1].trimmingCharacters(in: .whitespaces)
        switch parts[0].lowercased() {
        case "token", "bearer": self = .token(value)
        case "basic":
            guard let decoded = Data(base64Encoded: value), let text = String(data: decoded, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            self = .password(
                username: String(text[..<colon]),
                password: String(text[text.index(after: colon)...])
            )
        default: return nil
        }
    }
}

/// Credentials proven within the last minute, so that a caller who shows a password on every call does not pay for
/// its slow hash every time. Passwords are remembered only as a keyed hash.
final class CredentialCache: Sendable {
    private struct Entry {
        let account: Account
        let expires: ContinuousClock.Instant
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var generation = 0
    }

    private let state = Mutex(State())
    private let lifetime: Duration = .seconds(60)
    private let capacity = 10_000

    /// Rises whenever an account or a token changes.
    var generation: Int { state.withLock(\.generation) }

    func account(for proof: [UInt8]) -> Account? {
        state.withLock { state in
            guard let entry = state.entries[proof] else { return nil }
            guard entry.expires > .now else {
                state.entries[proof] = nil
                return nil
            }
            return entry.account
        }
    }

    /// Remembers a proof, unless something has changed since the generation in which it was checked: what was true
    /// before a change must not be remembered after it.
    func remember(_ account: Account, for proof: [UInt8], checkedIn generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= capacity { state.entries.removeAll() }
            state.entries[proof] = Entry(account: account, expires: .now + lifetime)
        }
    }

    /// Forgets everything, because an account or a token has changed.
    func forget() {
        state.withLock { state in
            state.entries.removeAll()
            state.generation += 1
        }
    }
}
