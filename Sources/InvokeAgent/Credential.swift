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

    private let entries = Mutex<[[UInt8]: Entry]>([:])
    private let lifetime: Duration = .seconds(60)
    private let capacity = 10_000

    func account(for proof: [UInt8]) -> Account? {
        entries.withLock { entries in
            guard let entry = entries[proof] else { return nil }
            guard entry.expires > .now else {
                entries[proof] = nil
                return nil
            }
            return entry.account
        }
    }

    func remember(_ account: Account, for proof: [UInt8]) {
        entries.withLock { entries in
            if entries.count >= capacity { entries.removeAll() }
            entries[proof] = Entry(account: account, expires: .now + lifetime)
        }
    }

    /// Forgets everything, because an account or a token has changed.
    func forget() { entries.withLock { $0.removeAll() } }
}
