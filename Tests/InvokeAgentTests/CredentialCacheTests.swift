import InvokeModel
import Testing

@testable import InvokeAgent

/// What is remembered of credentials, and for how long not.
@Suite struct CredentialCacheTests {
    private let cache = CredentialCache()
    private let account = Account(id: 1, publicID: .random(), username: "ada", roles: [.consumer])

    @Test func aProofIsRememberedUntilSomethingChanges() {
        cache.remember(account, for: [1], checkedIn: cache.generation)
        #expect(cache.account(for: [1]) == account)
        #expect(cache.account(for: [2]) == nil)
        cache.forget()
        #expect(cache.account(for: [1]) == nil)
    }

    /// A slow password hash may end after the password has been changed.
    @Test func aProofThatWasCheckedBeforeAChangeIsNotRememberedAfterIt() {
        let generation = cache.generation
        cache.forget()
        cache.remember(account, for: [1], checkedIn: generation)
        #expect(cache.account(for: [1]) == nil)
    }
}
