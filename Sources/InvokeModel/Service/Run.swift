/// What an operation does with its inputs.
package enum Run: Sendable {
    /// It runs a program of its own.
    case program(Program)
    /// It runs a shell script, as OSCAR does.
    case script(Script)
    /// It runs other operations.
    case orchestration(Orchestration)
    /// Its provider runs it, on machines of its own.
    case endpoint(ProviderEndpoint)

    package var program: Program? {
        switch self {
        case .program(let program): program
        case .script(let script): script.program
        case .orchestration, .endpoint: nil
        }
    }
    package var script: Script? { if case .script(let script) = self { script } else { nil } }
    package var orchestration: Orchestration? { if case .orchestration(let graph) = self { graph } else { nil } }
    package var endpoint: ProviderEndpoint? { if case .endpoint(let endpoint) = self { endpoint } else { nil } }

    /// What runs it; nil for an orchestration, which runs nothing itself.
    package var engine: Engine? { endpoint == nil ? program?.engine : .http }

    /// The longest one attempt may take, as far as the definition says.
    package var timeout: Duration? { program?.timeout ?? endpoint?.timeout }
}

/// A program, and how it is run.
package struct Program: Sendable {
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
package enum Engine: String, Sendable, CaseIterable {
    /// A sandboxed process on the agent's own machine.
    case process
    /// The provider, called at its endpoint.
    case http
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
