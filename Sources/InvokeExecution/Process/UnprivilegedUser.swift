import Glibc

/// Whose rights a program has when the agent is root: one user and group per service, known to no account of the machine.
struct UnprivilegedUser: Hashable {
    let id: uid_t

    private static let base: uid_t = 2_000_000
    private static let most: uid_t = 1_000_000_000

    /// - Returns: nil when the agent is an ordinary user, whose rights programs then have.
    init?(tenant: Int) {
        guard geteuid() == 0 else { return nil }
        id = Self.base + uid_t(truncatingIfNeeded: tenant) % Self.most
    }
}
