import Crypto
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
/// its slow hash every time, nor for many of them when he opens many connections at once. They are remembered only as a
/// hash that is worth nothing outside of this process.
final class CredentialCache: Sendable {
    /// What a credential is remembered by.
    struct Proof: Hashable, Sendable {
        fileprivate let words: SIMD4<UInt64>
    }

    private struct Entry {
        let account: Account
        let expires: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Proof: Entry] = [:]
        /// What is being checked, so that all who show the same meanwhile share the answer.
        var checks: [Proof: Task<Account, any Error>] = [:]
        /// Rises whenever an account or a token changes.
        var generation = 0
    }

    private let state = Mutex(State())
    private let lifetime: Duration = .seconds(60)
    private let capacity = 10_000
    /// Has taken in a block of random bytes already.
    private let hash: SHA256

    init() {
        var hash = SHA256()
        hash.update(data: (0..<64).map { _ in UInt8.random(in: 0...255) })
        self.hash = hash
    }

    func proof(_ credential: String) -> Proof {
        var (hash, credential) = (hash, credential)
        credential.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return Proof(words: hash.finalize().withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) })
    }

    /// The account that a credential proves: remembered, or found by `check`, which also tells whether that holds for
    /// another minute.
    func account(
        for proof: Proof,
        check: @escaping @Sendable () async throws -> (account: Account, isLasting: Bool)
    ) async throws -> Account {
        if let account = remembered(proof) { return account }
        let checking = state.withLock { state in
            if let running = state.checks[proof] { return running }
            let generation = state.generation
            let begun = Task {
                let result: Result<(account: Account, isLasting: Bool), any Error>
                do { result = .success(try await check()) } catch { result = .failure(error) }
                end(proof, result, begunIn: generation)
                return try result.get().account
            }
            state.checks[proof] = begun
            return begun
        }
        return try await checking.value
    }

    private func remembered(_ proof: Proof) -> Account? {
        state.withLock { state in
            guard let entry = state.entries[proof] else { return nil }
            guard entry.expires > .now else {
                state.entries[proof] = nil
                return nil
            }
            return entry.account
        }
    }

    /// What was true before an account or a token changed is not remembered after it.
    private func end(
        _ proof: Proof,
        _ result: Result<(account: Account, isLasting: Bool), any Error>,
        begunIn generation: Int
    ) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.checks[proof] = nil
            guard case .success((let account, true)) = result else { return }
            if state.entries.count >= capacity { state.entries.removeAll() }
            state.entries[proof] = Entry(account: account, expires: .now + lifetime)
        }
    }

    /// Forgets everything, because an account or a token has changed.
    func forget() {
        state.withLock { state in
            state.entries.removeAll()
            state.checks.removeAll()
            state.generation += 1
        }
    }
}
