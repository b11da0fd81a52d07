import InvokeExecution

/// Every key of the configuration.
enum Setting: String, CaseIterable {
    case host, port
    case publicURL = "public_url"
    case dataDirectory = "data_dir"
    case workDirectory = "work_dir"
    case workMemory = "work_memory"
    case agentDID = "agent_did"
    case agentName = "agent_name"
    case agentDescription = "agent_description"
    case adminUsername = "admin.username"
    case adminPassword = "admin.password"
    case workers
    case enginesAllowed = "engines.allowed"
    case sandbox = "engines.process.sandbox"
    case containerSocket = "engines.container.socket"
    case containerImage = "engines.container.image"
    case containerImages = "engines.container.images"
    case containerPull = "engines.container.pull"
    case slurmURL = "engines.slurm.url"
    case slurmUser = "engines.slurm.user"
    case slurmTokenFile = "engines.slurm.token_file"
    case slurmCommands = "engines.slurm.commands"
    case slurmFolder = "engines.slurm.folder"
    case slurmAgentURL = "engines.slurm.agent_url"
    case slurmNodeFolder = "engines.slurm.node_folder"
    case slurmSlots = "engines.slurm.slots"
    case slurmPartition = "engines.slurm.partition"
    case slurmAccount = "engines.slurm.account"
    case kubernetesConfig = "engines.kubernetes.config"
    case kubernetesContext = "engines.kubernetes.context"
    case kubernetesNamespace = "engines.kubernetes.namespace"
    case kubernetesAgentURL = "engines.kubernetes.agent_url"
    case kubernetesImage = "engines.kubernetes.image"
    case kubernetesTransferImage = "engines.kubernetes.transfer_image"
    case kubernetesPullSecret = "engines.kubernetes.pull_secret"
    case kubernetesSlots = "engines.kubernetes.slots"
    case outboundAllow = "outbound.allow"
    case webhookRetries = "webhooks.retries"
    case webhookTime = "webhooks.attempt_time"
    case clusterUsername = "oscar.username"
    case clusterPassword = "oscar.password"
    case scriptsInFlight = "oscar.max_inflight"
    case scriptTime = "oscar.exec_timeout"
    case runTime = "oscar.write_timeout"
    case keepTokens = "oscar.keep_tokens"
    case scriptEngines = "oscar.engines"
    case listingLimit = "oscar.listing_limit"
    case tokenIssuers = "tokens.issuers"
    case tokenChecker = "tokens.checker"
    case tokenCheckerSecret = "tokens.checker_secret"
    case publicCatalogue = "public_catalogue"
    case requireContentHash = "require_content_hash"
    case corsOrigins = "cors.origins"
    case demo
    case logFormat = "log.format"
    case logLevel = "log.level"
    case drainGrace = "limits.drain_grace"
    case killGrace = "limits.kill_grace"
    case syncWait = "limits.sync_wait"
    case jobLifetime = "limits.job_lifetime"
    case pending = "limits.pending"
    case pendingPerCaller = "limits.pending_per_caller"
    case diskLowWater = "limits.disk_low_water"
    case rate = "limits.rate"
    case wrongPasswords = "limits.wrong_passwords"
    case connections = "limits.connections"
    case connectionsPerAddress = "limits.connections_per_address"
    case headTime = "limits.header_time"
    case bodyTime = "limits.body_time"
    case idleTime = "limits.idle_time"
    case writeTime = "limits.write_time"
    case lease = "limits.lease"
    case keepSucceeded = "limits.keep_succeeded"
    case keepFailed = "limits.keep_failed"

    /// The value that holds when nobody gives one; nil where there is none, or where it depends on the machine.
    var defaultValue: String? {
        switch self {
        case .host: "127.0.0.1"
        case .port: "8191"
        case .dataDirectory: "./invoke-agent-data"
        case .agentName: "invoke-agent"
        case .agentDescription: "A broker of compute jobs: providers sell operations, consumers run them on their data."
        case .adminUsername: "admin"
        case .workMemory: "auto"
        case .enginesAllowed: "process,http"
        case .sandbox: "bubblewrap"
        case .containerPull: "false"
        case .slurmCommands: "/usr/bin"
        case .slurmNodeFolder: "/tmp"
        case .slurmSlots, .kubernetesSlots: "100"
        case .kubernetesTransferImage: KubernetesSettings.usualTransferImage
        case .scriptEngines: "process"
        case .outboundAllow: ""
        case .webhookRetries: "5s,5m,30m,2h,5h,10h,14h,20h,24h"
        case .webhookTime: "15s"
        case .clusterUsername: "oscar"
        case .scriptsInFlight: "1"
        case .scriptTime: "0s"
        case .runTime: "300s"
        case .keepTokens: "false"
        case .listingLimit: "70"
        case .publicCatalogue: "true"
        case .requireContentHash: "false"
        case .demo: "false"
        case .logLevel: "info"
        case .drainGrace: "25s"
        case .killGrace: "5s"
        case .syncWait: "50s"
        case .jobLifetime: "300s"
        case .pending: "10000"
        case .pendingPerCaller: "500"
        case .rate: "1000"
        case .wrongPasswords: "10"
        case .connections: "1024"
        case .connectionsPerAddress: "128"
        case .headTime: "10s"
        case .bodyTime: "30s"
        case .idleTime: "60s"
        case .writeTime: "30s"
        case .lease: "30s"
        case .keepSucceeded: "24h"
        case .keepFailed: "168h"
        case .publicURL, .workDirectory, .agentDID, .adminPassword, .clusterPassword, .workers, .tokenIssuers,
            .tokenChecker, .tokenCheckerSecret, .logFormat, .diskLowWater, .corsOrigins, .containerSocket,
            .containerImage, .containerImages, .slurmURL, .slurmUser, .slurmTokenFile, .slurmFolder, .slurmAgentURL,
            .slurmPartition, .slurmAccount, .kubernetesConfig, .kubernetesContext, .kubernetesNamespace,
            .kubernetesAgentURL, .kubernetesImage, .kubernetesPullSecret:
            nil
        }
    }

    /// Whether nobody but the agent is to read its value.
    var isSecret: Bool { [.adminPassword, .clusterPassword, .tokenCheckerSecret].contains(self) }

    /// The environment variable that sets it.
    var variable: String { "INVOKE_AGENT_" + rawValue.replacing(".", with: "_").uppercased() }

    /// The variable by which OSCAR sets the same; nil where it has none.
    var oscarVariable: String? {
        switch self {
        case .clusterUsername: "OSCAR_USERNAME"
        case .clusterPassword: "OSCAR_PASSWORD"
        case .port: "OSCAR_SERVICE_PORT"
        case .scriptsInFlight: "WATCHDOG_MAX_INFLIGHT"
        case .scriptTime: "WATCHDOG_EXEC_TIMEOUT"
        case .runTime: "WRITE_TIMEOUT"
        case .listingLimit: "JOB_LISTING_LIMIT"
        default: nil
        }
    }
}
