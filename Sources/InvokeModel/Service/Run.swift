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

    /// What may run it, the most wanted first; empty for an orchestration, which runs nothing itself.
    package var engines: [Engine] { endpoint == nil ? program?.engines ?? [] : [.http] }

    /// The longest one attempt may take, as far as the definition says.
    package var timeout: Duration? { program?.timeout ?? endpoint?.timeout }
}

/// A program, and how it is run.
package struct Program: Sendable {
    /// What may run it, the most wanted first.
    package let engines: [Engine]
    /// Program and arguments; never a shell string.
    package let command: [String]
    /// The image that holds the program where a container runs it: as the engine names it, or a file of the agent's
    /// machine; nil for the agent's own default.
    package let image: String?
    /// How the name of an image begins that is a file of the agent's machine, such as `./debian.tar`.
    package static let imageFile = "./"
    /// Small text files placed in the working directory: name to content.
    package let files: [String: String]
    package var environment: [String: String]
    /// The longest one attempt may take; nil for the agent's default.
    package let timeout: Duration?
    /// Further attempts after a failure that the operation reported itself.
    package let retries: Int
    package let resources: Resources
    /// Whether it may use the network, where an engine can forbid it.
    package let usesNetwork: Bool
    package let slurm: SlurmOptions

    package init(
        engines: [Engine] = [.process],
        command: [String],
        image: String? = nil,
        files: [String: String] = [:],
        environment: [String: String] = [:],
        timeout: Duration? = nil,
        retries: Int = 0,
        resources: Resources = Resources(),
        usesNetwork: Bool = false,
        slurm: SlurmOptions = SlurmOptions()
    ) {
        self.engines = engines
        self.command = command
        self.image = image
        self.files = files
        self.environment = environment
        self.timeout = timeout
        self.retries = retries
        self.resources = resources
        self.usesNetwork = usesNetwork
        self.slurm = slurm
    }
}

/// What runs an operation.
package enum Engine: String, Sendable, CaseIterable {
    /// A sandboxed process on the agent's own machine.
    case process
    /// The provider, called at its endpoint.
    case http
    /// A container on the agent's own machine, by podman or Docker.
    case container
    /// A job of a Slurm cluster.
    case slurm
    /// A Job of a Kubernetes cluster.
    case kubernetes

    /// Those that run programs.
    package static let programs = allCases.filter { $0 != .http }

    /// Whether it has machines of its own, many of them.
    package var isCluster: Bool { self == .slurm || self == .kubernetes }
}

/// What one attempt may use.
package struct Resources: Sendable, Hashable {
    package var cpus: Double
    /// Bytes.
    package var memory: Int
    /// Graphics processors.
    package var gpus: Int

    package init(cpus: Double = 1, memory: Int = 512 << 20, gpus: Int = 0) {
        self.cpus = cpus
        self.memory = memory
        self.gpus = gpus
    }
}

/// Where in a Slurm cluster a program runs, in sbatch's words; nil for what the agent is configured with.
package struct SlurmOptions: Sendable, Hashable {
    package let partition: String?
    package let account: String?
    /// The features that nodes must have, such as `avx2&ib`.
    package let constraint: String?

    package init(partition: String? = nil, account: String? = nil, constraint: String? = nil) {
        self.partition = partition
        self.account = account
        self.constraint = constraint
    }
}
