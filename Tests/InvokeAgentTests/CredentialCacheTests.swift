import InvokeModel
import Synchronization
import Testing

@testable import InvokeAgent

/// What is remembered of credentials, and for how long not.
@Suite struct CredentialCacheTests {
    private let cache = CredentialCache()
    private var proof: CredentialCache.Proof { cache.proof("token abc") }
    private let account = Account(id: 1, publicID: .random(), username: "ada", roles: [.consumer])

    @Test func aProofIsRememberedUntilSomethingChanges() async throws {
        let checks = Mutex(0)
        func ask() async throws -> Account {
            try await cache.account(for: proof) { [account] in
                checks.withLock { $0 += 1 }
                return (account, true)
            }
        }
        #expect(try await ask() == account)
        #expect(try await ask() == account)
        #expect(checks.withLock(\.self) == 1)
        cache.forget()
        #expect(try await ask() == account)
        #expect(checks.withLock(\.self) == 2)
    }

    @Test func anotherProofIsCheckedForItself() async throws {
        _ = try await cache.account(for: proof) { [account] in (account, true) }
        await #expect(throws: Refusal.unauthenticated) {
            try await cache.account(for: cache.proof("token abd")) { throw Refusal.unauthenticated }
        }
    }

    @Test func whatDoesNotLastIsCheckedEveryTime() async throws {
        let checks = Mutex(0)
        for _ in 0..<3 {
            _ = try await cache.account(for: proof) { [account] in
                checks.withLock { $0 += 1 }
                return (account, false)
            }
        }
        #expect(checks.withLock(\.self) == 3)
    }

    /// A slow password hash may end after the password has been changed.
    @Test func aProofThatWasCheckedBeforeAChangeIsNotRememberedAfterIt() async throws {
        _ = try await cache.account(for: proof) { [account, cache] in
            cache.forget()
            return (account, true)
        }
        await #expect(throws: Refusal.unauthenticated) {
            try await cache.account(for: proof) { throw Refusal.unauthenticated }
        }
    }

    /// Many connections that open at once with one password cost one hash, not one each.
    @Test func whoShowsTheSameMeanwhileSharesTheCheck() async throws {
        let (proof, cache) = (proof, cache)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        async let first = cache.account(for: proof) { [account] in
            opening.yield()
            try await Task.sleep(for: .milliseconds(50))
            return (account, true)
        }
        for await _ in gate { break }
        for _ in 0..<20 {
            let found = try await cache.account(for: proof) { throw Refusal.unauthenticated }
            #expect(found == account)
        }
        #expect(try await first == account)
    }
}
