package import Logging

/// How an agent reaches a Slurm cluster, and what it asks there for.
package struct SlurmSettings: Sendable {
    package enum Connection: Sendable {
        /// A slurmrestd, by `http://host:port`, `https://host:port` or `unix:/path/of/socket`.
        case rest(address: String, login: SlurmLogin?)
        /// Slurm's own commands on this machine.
        case commands(SlurmTools)
    }

    /// How nodes get at an attempt's files.
    package enum Exchange: Sendable {
        /// The attempts' folders are on a file system that the nodes have under the same path.
        case sharedFolder
        /// Nodes fetch them from the agent at its URL, without a slash at its end, and bring back what came of them; there
        /// attempts have folders of their own below the node folder, which is absolute.
        case transfers(nodeFolder: String, agentURL: @Sendable () async throws -> String)
    }

    package var connection: Connection
    package var exchange = Exchange.sharedFolder
    /// The root of the attempts' folders, absolute.
    package var folder: String
    /// Tells this agent's jobs from those of others; letters and digits are kept of it.
    package var label: String
    package var partition: String?
    package var account: String?
    package var constraint: String?
    package var limits = ExecutionLimits()
    /// How long a program may take to end after the polite signal; a cluster's own `KillWait` may be shorter.
    package var killGrace: Duration = .seconds(5)
    /// How often the cluster and the attempts' folders are looked at while something runs.
    package var interval: Duration = .seconds(2)
    /// How long the folder may take to show what a node has written.
    package var settling: Duration = .seconds(10)
    package var logger: Logger

    package init(connection: Connection, folder: String, label: String, logger: Logger) {
        self.connection = connection
        self.folder = folder
        self.label = label
        self.logger = logger
    }

    /// What the names of this agent's jobs begin with.
    var prefix: String {
        let word = label.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) }
        return "invoke-\(String(String.UnicodeScalarView(word)))-"
    }

    func jobName(of attempt: AttemptName) -> String { prefix + attempt.description }

    /// The attempt that a job of the cluster runs; nil for jobs of others.
    func attempt(ofJobNamed name: String) -> AttemptName? {
        name.hasPrefix(prefix) ? AttemptName(name.dropFirst(prefix.count)) : nil
    }

    /// The name in `SlurmArrays` of an array job of the cluster; nil for all other jobs.
    func array(ofJobNamed name: String) -> String? {
        guard name.hasPrefix(prefix), SlurmArrays.isArray(name.dropFirst(prefix.count)) else { return nil }
        return String(name.dropFirst(prefix.count))
    }
}

/// Who the agent is for slurmrestd, where the socket alone doesn't tell.
package struct SlurmLogin: Sendable {
    package enum Token: Sendable {
        case text(String)
        /// The path of a file that holds it, and that may be replaced at any time.
        case file(String)
    }

    /// nil for the user that the token names.
    package let user: String?
    package let token: Token

    package init(user: String?, token: Token) {
        self.user = user
        self.token = token
    }

    /// - Throws: `SlurmFault.away` when the token can't be read.
    func read() throws(SlurmFault) -> String {
        switch token {
        case .text(let text): return text
        case .file(let path):
            guard let bytes = readFile(path) else {
                throw .away("Slurm's token can't be read from \(path): write one there (scontrol token).")
            }
            let text = String(decoding: bytes, as: UTF8.self)
            return String(text.prefix { !$0.isWhitespace })
        }
    }
}

/// Where Slurm's commands are.
package struct SlurmTools: Sendable {
    /// The folder of `sbatch`, `squeue`, `scancel` and `sinfo`.
    package let folder: String
    /// The path of `slurm.conf`; nil for where the commands look by themselves.
    package let configuration: String?

    package init(folder: String = "/usr/bin", configuration: String? = nil) {
        self.folder = folder
        self.configuration = configuration
    }
}
