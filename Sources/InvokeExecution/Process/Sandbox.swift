/// What stands between a program and the machine.
package enum Sandbox: String, Sendable {
    /// Namespaces, a read-only system and a system call filter, set up by bubblewrap.
    case bubblewrap
    /// Only resource limits and, when the agent is root, another user id: an operator's explicit choice.
    case none
}

/// Whether programs can be run as the sandbox promises it.
package enum SandboxAvailability: Sendable, Hashable {
    case available
    /// What is missing and how to mend it.
    case unavailable(String)
}
