import ArgumentParser
import InvokeExecution

/// The settings as options of a command.
struct SettingOptions: ParsableArguments {
    @Option(help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on; 0 takes any free one. (default: 8191)")
    var port: String?

    @Option(help: "Where callers reach the agent, when that is not http://host:port.")
    var publicUrl: String?

    @Option(help: "The folder of the database, the contents and the agent's key. (default: ./invoke-agent-data)")
    var dataDir: String?

    @Option(help: "The folder in which jobs run. (default: a folder of its own under /var/tmp)")
    var workDir: String?

    @Option(help: "Whether jobs that move no assets run in memory: auto or none. (default: auto)")
    var workMemory: String?

    @Option(help: "The agent's DID, when it is not to be drawn: did:dep: and 64 hexadecimal digits.")
    var agentDid: String?

    @Option(help: "What the agent calls itself. (default: invoke-agent)")
    var agentName: String?

    @Option(help: "What the agent says of itself, in a sentence.")
    var agentDescription: String?

    @Option(help: "The name of the first admin. (default: admin)")
    var adminUsername: String?

    @Option(
        help: "How many jobs of a service run at once, when its definition does not say. (default: the number of cores)"
    )
    var workers: String?

    @Option(
        help: "What may run operations, by comma: process, http, container, slurm, kubernetes. (default: process,http)"
    )
    var enginesAllowed: String?

    @Option(name: .customLong("sandbox"), help: "What programs run in: bubblewrap, or none. (default: bubblewrap)")
    var sandbox: String?

    @Option(name: .customLong("container-socket"), help: "The socket of podman or Docker, for the engine container.")
    var containerSocket: String?

    @Option(name: .customLong("container-image"), help: "The image of operations that name none.")
    var containerImage: String?

    @Option(
        name: .customLong("container-images"),
        help: "A folder of images as archives or root file systems, which operations name by ./ and a path."
    )
    var containerImages: String?

    @Option(
        name: .customLong("container-pull"),
        help: "Whether images that are not there are pulled: true or false. (default: false)"
    )
    var containerPull: String?

    @Option(
        name: .customLong("slurm-url"),
        help: "Where slurmrestd is: unix:/path or http://host:port. (default: Slurm's commands are used)"
    )
    var slurmURL: String?

    @Option(name: .customLong("slurm-user"), help: "The user that Slurm's token is for.")
    var slurmUser: String?

    @Option(name: .customLong("slurm-token-file"), help: "The file with Slurm's token, read anew when it changes.")
    var slurmTokenFile: String?

    @Option(name: .customLong("slurm-commands"), help: "The folder of sbatch and its kin. (default: /usr/bin)")
    var slurmCommands: String?

    @Option(
        name: .customLong("slurm-folder"),
        help: "A folder that the agent and Slurm's nodes share. (default: none; nodes fetch files from the agent)"
    )
    var slurmFolder: String?

    @Option(
        name: .customLong("slurm-agent-url"),
        help: "Where Slurm's nodes reach this agent: http://host:port. (default: the public URL)"
    )
    var slurmAgentURL: String?

    @Option(
        name: .customLong("slurm-node-folder"),
        help: "Where attempts get their folders on Slurm's nodes, if none is shared. (default: /tmp)"
    )
    var slurmNodeFolder: String?

    @Option(
        name: .customLong("slurm-slots"),
        help: "How many jobs of a service Slurm runs at once, when its definition does not say. (default: 100)"
    )
    var slurmSlots: String?

    @Option(name: .customLong("slurm-partition"), help: "The partition of operations that name none.")
    var slurmPartition: String?

    @Option(name: .customLong("slurm-account"), help: "The account of operations that name none.")
    var slurmAccount: String?

    @Option(
        name: .customLong("kubernetes-config"),
        help: "The kubeconfig of the engine kubernetes. (default: the service account of the agent's own pod)"
    )
    var kubernetesConfig: String?

    @Option(name: .customLong("kubernetes-context"), help: "The context of the kubeconfig. (default: its current one)")
    var kubernetesContext: String?

    @Option(name: .customLong("kubernetes-namespace"), help: "Where Jobs are made. (default: the context's own)")
    var kubernetesNamespace: String?

    @Option(
        name: .customLong("kubernetes-agent-url"),
        help: "Where pods reach this agent: http://host:port. (default: the public URL)"
    )
    var kubernetesAgentURL: String?

    @Option(name: .customLong("kubernetes-image"), help: "The image of operations that name none.")
    var kubernetesImage: String?

    @Option(
        name: .customLong("kubernetes-transfer-image"),
        help:
            "The image with sh, curl and tar that transfers files. (default: \(KubernetesSettings.usualTransferImage))"
    )
    var kubernetesTransferImage: String?

    @Option(
        name: .customLong("kubernetes-pull-secret"),
        help: "The Secret of the namespace that images are pulled with."
    )
    var kubernetesPullSecret: String?

    @Option(
        name: .customLong("kubernetes-slots"),
        help: "How many jobs of a service Kubernetes runs at once, when its definition does not say. (default: 100)"
    )
    var kubernetesSlots: String?

    @Option(help: "Networks and hosts, by comma, that the agent may call though they are not public.")
    var outboundAllow: String?

    @Option(
        help: """
            The waits, by comma, after which a failed webhook is tried again. \
            (default: 5s,5m,30m,2h,5h,10h,14h,20h,24h)
            """
    )
    var webhooksRetries: String?

    @Option(help: "How long one attempt at a webhook may take. (default: 15s)")
    var webhooksAttemptTime: String?

    @Option(help: "The name of the admin of OSCAR's clients, when there is a password for him. (default: oscar)")
    var oscarUsername: String?

    @Option(help: "How many runs one instance of an OSCAR service does at once. (default: 1)")
    var oscarMaxInflight: String?

    @Option(help: "How long one run of an OSCAR service's script may take; 0s for any time. (default: 0s)")
    var oscarExecTimeout: String?

    @Option(help: "How long a synchronous run may wait and take together. (default: 300s)")
    var oscarWriteTimeout: String?

    @Option(help: "Whether an OSCAR service keeps its token when it is updated: true or false. (default: false)")
    var oscarKeepTokens: String?

    @Option(help: "What runs the scripts of OSCAR services that name no engine, by comma. (default: process)")
    var oscarEngines: String?

    @Option(help: "How many jobs OSCAR's clients get on a page. (default: 70)")
    var oscarListingLimit: String?

    @Option(help: "A YAML file with those whose signed purchase tokens are taken.")
    var tokensIssuers: String?

    @Option(help: "The URL that is asked about purchase tokens of other kinds.")
    var tokensChecker: String?

    @Option(help: "Whether the catalogue can be read without an account: true or false. (default: true)")
    var publicCatalogue: String?

    @Option(help: "Whether content is taken only where the metadata names its hash: true or false. (default: false)")
    var requireContentHash: String?

    @Option(help: "Sites, by comma, whose pages may call the agent; * for all. (default: none; all with --demo)")
    var corsOrigins: String?

    @Option(help: "Whether the agent is there to be tried out: true or false. (default: false)")
    var demo: String?

    @Option(help: "How logs are written: text or json. (default: text on a terminal, else json)")
    var logFormat: String?

    @Option(help: "What is logged: debug, info, warning or error. (default: info)")
    var logLevel: String?

    @Option(help: "How long running jobs may go on after the agent is told to stop. (default: 25s)")
    var drainGrace: String?

    @Option(help: "How long a program may take to end before it is killed. (default: 5s)")
    var killGrace: String?

    @Option(help: "The longest a call waits for its job. (default: 50s)")
    var syncWait: String?

    @Option(help: "How long a job may take from its acceptance. (default: 300s and the operation's own timeout)")
    var jobLifetime: String?

    @Option(help: "How many jobs may wait on the whole agent. (default: 10000)")
    var pending: String?

    @Option(help: "How many jobs of one caller may wait. (default: 500)")
    var pendingPerCaller: String?

    @Option(help: "Bytes that have to be free on the disk for new jobs to be taken. (default: 5 %, 200 MiB at least)")
    var diskLowWater: String?

    @Option(help: "How many requests per second an account may send; 0 for any number. (default: 1000)")
    var rate: String?

    @Option(help: "How many wrong passwords a minute a name may get from one address; 0 for any number. (default: 10)")
    var wrongPasswords: String?

    @Option(help: "How many connections may be open at once. (default: 1024)")
    var connections: String?

    @Option(help: "How many of them may come from one address that is not this machine's. (default: 128)")
    var connectionsPerAddress: String?

    @Option(help: "How long the headers of a request may take. (default: 10s)")
    var headerTime: String?

    @Option(help: "How long a body may take, and how long it may pause. (default: 30s)")
    var bodyTime: String?

    @Option(help: "How long a connection may rest between requests. (default: 60s)")
    var idleTime: String?

    @Option(help: "How long an answer may wait for its reader. (default: 30s)")
    var writeTime: String?

    @Option(help: "How long a running job is its worker's without a sign of life. (default: 30s)")
    var lease: String?

    @Option(help: "How long succeeded and cancelled jobs are kept. (default: 24h)")
    var keepSucceeded: String?

    @Option(help: "How long failed jobs are kept. (default: 168h)")
    var keepFailed: String?

    /// The options that were given.
    var given: [Setting: String] {
        let values: [Setting: String?] = [
            .host: host, .port: port, .publicURL: publicUrl, .dataDirectory: dataDir, .workDirectory: workDir,
            .workMemory: workMemory,
            .agentDID: agentDid, .agentName: agentName, .agentDescription: agentDescription,
            .adminUsername: adminUsername, .workers: workers, .enginesAllowed: enginesAllowed, .sandbox: sandbox,
            .outboundAllow: outboundAllow, .webhookRetries: webhooksRetries, .webhookTime: webhooksAttemptTime,
            .clusterUsername: oscarUsername, .scriptsInFlight: oscarMaxInflight, .scriptTime: oscarExecTimeout,
            .runTime: oscarWriteTimeout,
            .containerSocket: containerSocket, .containerImage: containerImage,
            .containerImages: containerImages, .containerPull: containerPull,
            .slurmURL: slurmURL, .slurmUser: slurmUser, .slurmTokenFile: slurmTokenFile,
            .slurmCommands: slurmCommands, .slurmFolder: slurmFolder, .slurmSlots: slurmSlots,
            .slurmAgentURL: slurmAgentURL, .slurmNodeFolder: slurmNodeFolder,
            .slurmPartition: slurmPartition, .slurmAccount: slurmAccount,
            .kubernetesConfig: kubernetesConfig, .kubernetesContext: kubernetesContext,
            .kubernetesNamespace: kubernetesNamespace, .kubernetesAgentURL: kubernetesAgentURL,
            .kubernetesImage: kubernetesImage, .kubernetesTransferImage: kubernetesTransferImage,
            .kubernetesPullSecret: kubernetesPullSecret, .kubernetesSlots: kubernetesSlots,
            .scriptEngines: oscarEngines,
            .keepTokens: oscarKeepTokens, .listingLimit: oscarListingLimit,
            .tokenIssuers: tokensIssuers, .tokenChecker: tokensChecker,
            .publicCatalogue: publicCatalogue,
            .requireContentHash: requireContentHash, .corsOrigins: corsOrigins, .demo: demo, .logFormat: logFormat,
            .logLevel: logLevel, .drainGrace: drainGrace, .killGrace: killGrace, .syncWait: syncWait,
            .jobLifetime: jobLifetime, .pending: pending, .pendingPerCaller: pendingPerCaller,
            .diskLowWater: diskLowWater, .rate: rate, .wrongPasswords: wrongPasswords, .connections: connections,
            .connectionsPerAddress: connectionsPerAddress, .headTime: headerTime, .bodyTime: bodyTime,
            .idleTime: idleTime, .writeTime: writeTime,
            .lease: lease, .keepSucceeded: keepSucceeded, .keepFailed: keepFailed,
        ]
        return values.compactMapValues { $0 }
    }
}
