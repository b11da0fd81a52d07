/// What an account may do; one account may have several.
package enum Role: String, Sendable, CaseIterable {
    case admin, provider, consumer
}

/// Somebody who may call the agent.
package struct Account: Sendable, Hashable {
    /// The row's number: names the account inside the agent only.
    package let id: Int64
    /// What names the account outside.
    package let publicID: AccountID
    package let username: String
    package let roles: Set<Role>

    package init(id: Int64, publicID: AccountID, username: String, roles: Set<Role>) {
        self.id = id
        self.publicID = publicID
        self.username = username
        self.roles = roles
    }

    package var isAdmin: Bool { roles.contains(.admin) }
}
