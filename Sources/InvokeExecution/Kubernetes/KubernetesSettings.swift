package import Logging

/// What attempts in a Kubernetes cluster are run with.
package struct KubernetesSettings: Sendable {
    package var access: KubernetesAccess
    /// Where Jobs are made; nil for the namespace that the access names.
    package var namespace: String?
    /// The root of the attempts' folders, on the agent's machine.
    package var folder: String
    /// Tells this agent's Jobs from others': at most 12 letters and digits of it are used.
    package var label: String
    /// Where pods reach this agent: `http://host:port`, without a slash at its end.
    package var agentURL: @Sendable () async throws -> String
    /// The image of operations that name none; nil when each has to.
    package var image: String?
    /// The image that fetches inputs and brings outputs back: it has `sh`, `curl` and `tar`.
    package var transferImage: String
    /// The Secret of the namespace with which images are pulled; nil for none.
    package var pullSecret: String?
    package var limits = ExecutionLimits()
    /// How long a program may take to end after the polite signal; the cluster counts in whole seconds.
    package var killGrace = Duration.seconds(5)
    /// How often deadlines are looked at, and how soon a cluster that is away is asked again.
    package var interval = Duration.seconds(1)
    package var logger: Logger

    /// An image that is small, and kept by the makers of curl.
    package static let usualTransferImage = "docker.io/curlimages/curl:8.10.1"

    package init(
        access: KubernetesAccess,
        folder: String,
        label: String,
        agentURL: @escaping @Sendable () async throws -> String,
        transferImage: String = usualTransferImage,
        logger: Logger
    ) {
        self.access = access
        self.folder = folder
        self.label = label
        self.agentURL = agentURL
        self.transferImage = transferImage
        self.logger = logger
    }

    /// Who the agent is in labels and names: letters in lower case and digits.
    var agent: String {
        let word = label.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) }
        return String(String.UnicodeScalarView(word).suffix(12)).lowercased()
    }

    /// The name of the Job, and of the Secret beside it.
    func name(of attempt: AttemptName) -> String { "invoke-\(agent)-\(attempt)" }
}

/// The labels of everything that the agent makes in a cluster.
enum KubernetesLabel {
    static let agent = "invoke-agent/agent"
    static let attempt = "invoke-agent/attempt"
    /// `yes` or `no`: for policies of the cluster.
    static let network = "invoke-agent/network"
}
