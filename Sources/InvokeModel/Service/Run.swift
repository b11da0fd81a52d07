/// How an operation's program is run.
package struct Run: Sendable {
    package let engine: Engine
    /// Program and arguments; never a shell string.
    package let command: [String]
    /// Small text files placed in the working directory: name to content.
    package let files: [String: String]
    package let environment: [String: String]
    /// The longest one attempt may take; nil for the agent's default.
    package let timeout: Duration?
    /// Further attempts after a failure that the operation reported itself.
    package let retries: Int
    package let resources: Resources

    package init(
        engine: Engine,
        command: [String],
        files: [String: String] = [:],
        environment: [String: String] = [:],
        timeout: Duration? = nil,
        retries: Int = 0,
        resources: Resources = Resources()
    ) {
        self.engine = engine
        self.command = command
        self.files = files
        self.environment = environment
        self.timeout = timeout
        self.retries = retries
        self.resources = resources
    }
}

/// What runs an operation.
package enum Engine: String, Sendable {
    case process
}

/// What one attempt may use.
package struct Resources: Sendable, Hashable {
    package var cpus: Double
    /// Bytes.
    package var memory: Int

    package init(cpus: Double = 1, memory: Int = 512 << 20) {
        self.cpus = cpus
        self.memory = memory
    }
}
