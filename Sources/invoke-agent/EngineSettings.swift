import InvokeExecution
import InvokeModel
import Logging

/// What runs programs, and how it is reached.
struct EngineSettings: Sendable {
    /// What may run the operations that are registered from now on.
    let allowed: Set<Engine>
    let sandbox: Sandbox
    /// The unix socket of podman or Docker.
    let containerSocket: String?
    let containerImage: String?
    /// The folder of images that lie as files on this machine.
    let containerImages: String?
    let pullsImages: Bool
    /// Where slurmrestd is; nil for Slurm's own commands.
    let slurmURL: String?
    let slurmUser: String?
    let slurmTokenFile: String?
    let slurmCommands: String
    /// The folder that the agent and the nodes share; nil where nodes fetch files from the agent and bring them back.
    let slurmFolder: String?
    /// Where nodes reach the agent, without a final slash; nil for its public URL.
    let slurmAgentURL: String?
    /// Where attempts get their folders on nodes.
    let slurmNodeFolder: String
    /// Jobs of a service that run there at once, when its definition does not say.
    let slurmSlots: Int
    let slurmPartition: String?
    let slurmAccount: String?
    /// nil for the service account of the pod that the agent runs in.
    let kubernetesConfig: String?
    let kubernetesContext: String?
    let kubernetesNamespace: String?
    /// Where pods reach the agent, without a final slash; nil for its public URL.
    let kubernetesAgentURL: String?
    let kubernetesImage: String?
    let kubernetesTransferImage: String
    let kubernetesPullSecret: String?
    let kubernetesSlots: Int
    /// How the cluster is reached; nil for none.
    private let kubernetesAccess: KubernetesAccess?

    /// - Throws: `Stop.badConfiguration` for a value that can't be read, and for an engine that is allowed without what it
    ///   takes to reach it.
    init(_ reader: SettingReader) throws {
        allowed = Set(try reader.engines(.enginesAllowed, of: Engine.allCases))
        sandbox = try reader.word(.sandbox, of: ["bubblewrap", "none"]) == "none" ? .none : .bubblewrap
        containerSocket = reader.optionalText(.containerSocket)
        containerImage = reader.optionalText(.containerImage)
        containerImages = reader.optionalText(.containerImages)
        pullsImages = try reader.flag(.containerPull)
        slurmURL = reader.optionalText(.slurmURL)
        slurmUser = reader.optionalText(.slurmUser)
        slurmTokenFile = reader.optionalText(.slurmTokenFile)
        slurmCommands = try reader.text(.slurmCommands)
        slurmFolder = reader.optionalText(.slurmFolder)
        slurmAgentURL = reader.optionalText(.slurmAgentURL).map(Self.withoutFinalSlash)
        slurmNodeFolder = Self.withoutFinalSlash(try reader.text(.slurmNodeFolder))
        slurmSlots = try reader.number(.slurmSlots, in: 1...4096)
        slurmPartition = reader.optionalText(.slurmPartition)
        slurmAccount = reader.optionalText(.slurmAccount)
        kubernetesConfig = reader.optionalText(.kubernetesConfig)
        kubernetesContext = reader.optionalText(.kubernetesContext)
        kubernetesNamespace = reader.optionalText(.kubernetesNamespace)
        kubernetesAgentURL = reader.optionalText(.kubernetesAgentURL).map(Self.withoutFinalSlash)
        kubernetesImage = reader.optionalText(.kubernetesImage)
        kubernetesTransferImage = try reader.text(.kubernetesTransferImage)
        kubernetesPullSecret = reader.optionalText(.kubernetesPullSecret)
        kubernetesSlots = try reader.number(.kubernetesSlots, in: 1...4096)
        do {
            kubernetesAccess =
                try allowed.contains(.kubernetes) ? Self.access(kubernetesConfig, kubernetesContext) : nil
        } catch let fault as KubernetesAccess.Fault {
            throw reader.wrong(.kubernetesConfig, "the kubeconfig of a cluster, for the engine kubernetes (\(fault))")
        }
        guard !allowed.contains(.container) || containerSocket?.hasPrefix("/") == true else {
            throw reader.wrong(
                .containerSocket,
                "the absolute path of podman's or Docker's socket, for the engine container"
            )
        }
        guard containerImages?.hasPrefix("/") != false else {
            throw reader.wrong(.containerImages, "the absolute path of a folder of images")
        }
        if let slurmFolder, !slurmFolder.hasPrefix("/") {
            throw reader.wrong(.slurmFolder, "the absolute path of a folder shared with the nodes")
        }
        guard slurmNodeFolder.hasPrefix("/") else {
            throw reader.wrong(.slurmNodeFolder, "the absolute path of a folder that is on every node")
        }
        if let slurmAgentURL, !["http://", "https://"].contains(where: slurmAgentURL.hasPrefix) {
            throw reader.wrong(.slurmAgentURL, "where nodes reach the agent: http://host:port or https://host:port")
        }
        if let slurmURL, !["unix:/", "http://", "https://"].contains(where: slurmURL.hasPrefix) {
            throw reader.wrong(.slurmURL, "where slurmrestd is: unix:/path, http://host:port or https://host:port")
        }
    }

    /// Whether there is an engine that shares no folder with the agent.
    var transfersFiles: Bool { allowed.contains(.kubernetes) || allowed.contains(.slurm) && slurmFolder == nil }

    /// Jobs of a service that run at once on each cluster, when its definition does not say.
    var clusterSlots: [Engine: Int] { [.slurm: slurmSlots, .kubernetes: kubernetesSlots] }

    /// The executors of all engines that are allowed. `folder` is where attempts on this machine get their folders;
    /// `publicURL` tells, once it is known, where others reach the agent.
    func executors(
        agent: AgentID,
        folder: String,
        availability: SandboxAvailability,
        killGrace: Duration,
        publicURL: @escaping @Sendable () async throws -> String,
        logger: Logger
    ) -> Engines {
        var executors: [Engine: any Executor] = [
            .process: ProcessExecutor(sandbox: sandbox, availability: availability, killGrace: killGrace)
        ]
        let label = String(agent.description.prefix(12))
        if allowed.contains(.container), let containerSocket {
            var settings = ContainerSettings(socket: containerSocket, folder: folder, agent: label)
            settings.image = containerImage
            settings.images = containerImages
            settings.pulls = pullsImages
            settings.killGrace = killGrace
            executors[.container] = ContainerExecutor(settings, logger: logger)
        }
        if allowed.contains(.slurm) {
            var settings = SlurmSettings(
                connection: connection,
                folder: slurmFolder ?? folder,
                label: label,
                logger: logger
            )
            if slurmFolder == nil {
                settings.exchange = .transfers(nodeFolder: slurmNodeFolder) { [slurmAgentURL] in
                    if let slurmAgentURL { slurmAgentURL } else { try await publicURL() }
                }
            }
            settings.partition = slurmPartition
            settings.account = slurmAccount
            settings.killGrace = killGrace
            executors[.slurm] = SlurmExecutor(settings)
        }
        if let kubernetesAccess {
            var settings = KubernetesSettings(
                access: kubernetesAccess,
                folder: folder,
                label: label,
                agentURL: { [kubernetesAgentURL] in
                    if let kubernetesAgentURL { kubernetesAgentURL } else { try await publicURL() }
                },
                transferImage: kubernetesTransferImage,
                logger: logger
            )
            settings.namespace = kubernetesNamespace
            settings.image = kubernetesImage
            settings.pullSecret = kubernetesPullSecret
            settings.killGrace = killGrace
            executors[.kubernetes] = KubernetesExecutor(settings)
        }
        return Engines(executors)
    }

    private static func withoutFinalSlash(_ text: String) -> String {
        text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func access(_ config: String?, _ context: String?) throws -> KubernetesAccess {
        if let config { try KubernetesAccess(kubeconfig: config, context: context) } else { try .inCluster() }
    }

    private var connection: SlurmSettings.Connection {
        guard let slurmURL else { return .commands(SlurmTools(folder: slurmCommands)) }
        let login = slurmTokenFile.map { SlurmLogin(user: slurmUser, token: .file($0)) }
        return .rest(address: slurmURL, login: login)
    }
}
