import Foundation
package import InvokeModel
import InvokeStore

extension Refusal {
    /// One text for every reason, so that nobody learns which part was wrong.
    package static let unauthenticated = Refusal(
        .unauthenticated,
        "Credentials are needed: `Authorization: Basic` with an account's name and password, or `token` with one of "
            + "its tokens."
    )

    package static func forbidden(_ need: String) -> Refusal { Refusal(.forbidden, "This needs \(need).") }
}

extension Account {
    /// - Throws: `forbidden` unless the account has the role; admins have every role.
    package func need(_ role: Role) throws(Refusal) {
        guard roles.contains(role) || isAdmin else {
            throw .forbidden("an account with the role \"\(role.rawValue)\"")
        }
    }
}

extension Agent {
    /// The account that an `Authorization` header proves; `place` is where it comes from, for counting wrong passwords.
    /// - Throws: `unauthenticated`, `rateLimited`.
    package func authenticate(authorization header: String, from place: String = "") async throws -> Account {
        try await credentials.account(for: credentials.proof(header)) {
            guard let credential = Credential(authorization: header) else { throw Refusal.unauthenticated }
            return try await self.authenticate(credential, from: place)
        }
    }

    /// The account that a browser's session belongs to; nil when the session has ended.
    package func authenticate(session: String) async throws -> Account? {
        do {
            return try await authenticate(authorization: "token \(session)")
        } catch let refusal as Refusal where refusal.code == .unauthenticated {
            return nil
        }
    }

    /// Whether the proof holds for another minute is told too.
    private func authenticate(
        _ credential: Credential,
        from place: String
    ) async throws -> (account: Account, isLasting: Bool) {
        switch credential {
        case .token(let token):
            guard let lookup = mint.lookup(of: token), let record = try await store.token(lookup: lookup) else {
                throw Refusal.unauthenticated
            }
            return (record.account, record.expiresAt.timeIntervalSince(store.now) > 60)
        case .password(let username, let password):
            return try await passwordTrials.checking(username, from: place) {
                let stored = try await store.account(named: username)
                // An unknown name costs as much as a known one.
                let hash = stored?.passwordHash ?? "scrypt$16384$8$00000000000000000000000000000000$00"
                guard try await Password.matches(password, hash), let stored else { throw Refusal.unauthenticated }
                return (stored.account, true)
            }
        }
    }

    /// Makes the first account, an admin, when there is none; without a password one is drawn.
    ///
    /// The answer is the password that was drawn: nil when one was given or there were accounts already.
    package func makeFirstAdmin(username: String, password: String?) async throws -> String? {
        guard try await store.accounts(limit: 1).isEmpty else { return nil }
        let chosen = password ?? (0..<12).map { _ in UInt8.random(in: 0...255) }.hexadecimal
        _ = try await store.createAccount(
            username: username,
            publicID: .random(),
            passwordHash: try await Password.hash(chosen),
            roles: [.admin, .provider, .consumer]
        )
        return password == nil ? chosen : nil
    }

    /// Makes an admin with a password that the configuration tells, or gives the account the password if it has another.
    package func makeAdmin(username: String, password: String) async throws {
        guard let stored = try await store.account(named: username) else {
            _ = try await store.createAccount(
                username: username,
                publicID: .random(),
                passwordHash: try await Password.hash(password),
                roles: [.admin, .provider, .consumer]
            )
            return
        }
        guard try await !Password.matches(password, stored.passwordHash) else { return }
        _ = try await store.setPassword(of: username, to: try await Password.hash(password))
    }

    package func createAccount(
        username: String,
        password: String,
        roles: Set<Role>,
        by caller: Account
    ) async throws -> Account {
        try caller.need(.admin)
        var violations: [Violation] = []
        let allowed = username.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                || "._@-".utf8.contains(byte)
        }
        if !(1...64).contains(username.utf8.count) || !allowed {
            violations.append(Violation("#/username", "must be 1 to 64 letters, digits, `.`, `_`, `@` or `-`"))
        }
        if let violation = Self.violation(inPassword: password) { violations.append(violation) }
        if roles.isEmpty { violations.append(Violation("#/roles", "at least one role is needed")) }
        guard violations.isEmpty else { throw Refusal(.invalidInput, violations) }
        return try await store.createAccount(
            username: username,
            publicID: .random(),
            passwordHash: try await Password.hash(password),
            roles: roles
        )
    }

    package func accounts(after cursor: Int64, limit: Int, for caller: Account) async throws -> [Account] {
        try caller.need(.admin)
        return try await store.accounts(after: cursor, limit: limit)
    }

    /// The accounts from a number on, for clients that page so.
    package func accounts(from: Int, size: Int, for caller: Account) async throws -> [Account] {
        try caller.need(.admin)
        return try await store.accounts(from: from, limit: size)
    }

    /// An account by its id; it sees itself, and an admin sees all.
    package func account(id text: String, for caller: Account) async throws -> Account {
        guard caller.isAdmin || Hex32(text) == caller.publicID else {
            throw Refusal.forbidden("the account itself or an admin")
        }
        guard let id = Hex32(text), let account = try await store.account(id) else {
            throw Refusal(.unknownResource, "There is no account with the id \"\(text.prefix(80))\".")
        }
        return account
    }

    /// An account sees itself; an admin sees all.
    package func account(named username: String, for caller: Account) async throws -> Account {
        guard caller.isAdmin || caller.username == username else {
            throw Refusal.forbidden("the account itself or an admin")
        }
        guard let stored = try await store.account(named: username) else { throw Self.unknownAccount(username) }
        return stored.account
    }

    /// An account changes its own password; an admin anybody's.
    package func setPassword(of username: String, to password: String, by caller: Account) async throws {
        guard caller.isAdmin || caller.username == username else {
            throw Refusal.forbidden("the account itself or an admin")
        }
        if let violation = Self.violation(inPassword: password) { throw Refusal(.invalidInput, [violation]) }
        let isSet = try await store.setPassword(of: username, to: try await Password.hash(password))
        guard isSet else { throw Self.unknownAccount(username) }
        credentials.forget()
    }

    package func removeAccount(named username: String, by caller: Account) async throws {
        try caller.need(.admin)
        guard username != caller.username else {
            throw Refusal(.conflict, "An admin can't remove his own account; another admin can.")
        }
        guard try await store.removeAccount(named: username) else { throw Self.unknownAccount(username) }
        credentials.forget()
    }

    /// The account's live tokens, oldest first; never none, because clients take one from the list.
    package func tokens(of caller: Account) async throws -> [String] {
        let lookups = try await store.tokenLookups(of: caller.id)
        if lookups.isEmpty { return [try await createToken(for: caller)] }
        return lookups.map(mint.token(lookup:))
    }

    package func createToken(for caller: Account) async throws -> String {
        let lookup = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let expires = store.now.addingTimeInterval(Double(limits.tokenLifetime.milliseconds) / 1000)
        try await store.createToken(lookup: lookup, for: caller.id, expiresAt: expires)
        return mint.token(lookup: lookup)
    }

    /// Begins the session of a browser, for whoever knows the password.
    /// - Throws: `unauthenticated`.
    package func beginSession(username: String, password: String, from place: String) async throws -> Session {
        let (account, _) = try await authenticate(
            .password(username: username, password: password),
            from: place
        )
        let lookup = (0..<16).map { _ in UInt8.random(in: 0...255) }
        let expires = store.now.addingTimeInterval(Double(limits.sessionLifetime.milliseconds) / 1000)
        try await store.createToken(lookup: lookup, for: account.id, isSession: true, expiresAt: expires)
        return Session(token: mint.token(lookup: lookup), account: account)
    }

    /// Ends the session of a browser; one that has ended stays so.
    package func endSession(_ token: String) async throws {
        guard let account = try await authenticate(session: token) else { return }
        try await revoke(token: token, of: account)
    }

    package func revoke(token: String, of caller: Account) async throws {
        guard let lookup = mint.lookup(of: token), try await store.revokeToken(lookup: lookup, of: caller.id) else {
            throw Refusal(.unknownResource, "There is no such token of this account.")
        }
        credentials.forget()
    }

    private static func violation(inPassword password: String) -> Violation? {
        (8...256).contains(password.unicodeScalars.count)
            ? nil : Violation("#/password", "must be 8 to 256 characters long")
    }

    private static func unknownAccount(_ username: String) -> Refusal {
        Refusal(.unknownResource, "There is no account named \"\(username)\".")
    }
}

/// The session of a browser that has logged in.
package struct Session: Sendable {
    /// What its cookie holds.
    package let token: String
    package let account: Account
}
