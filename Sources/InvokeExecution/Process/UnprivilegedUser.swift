import Glibc

/// Whose rights a program has when the agent is root: a user and group of the attempt's own, known to no account of the
/// machine. Attempts can't reach each other's processes and files, and the kernel counts their processes apart.
struct UnprivilegedUser: Hashable {
    let id: uid_t

    /// - Returns: nil when the agent is an ordinary user, whose rights programs then have.
    static func draw() -> UnprivilegedUser? {
        geteuid() == 0 ? UnprivilegedUser(id: .random(in: 2_000_000..<1_000_000_000)) : nil
    }
}
