import struct Foundation.Date

/// What the agent tells of itself.
package struct AgentProfile: Sendable {
    package let name: String
    package let description: String
    package let version: String
    /// Where callers reach the agent, without a final slash.
    package let url: @Sendable () -> String
    /// Whether it is there to be tried out, by callers on this machine only.
    package let isDemo: Bool
    let startedAt = Date()

    package init(
        name: String,
        description: String,
        version: String,
        isDemo: Bool = false,
        url: @escaping @Sendable () -> String
    ) {
        self.name = name
        self.description = description
        self.version = version
        self.isDemo = isDemo
        self.url = url
    }
}
