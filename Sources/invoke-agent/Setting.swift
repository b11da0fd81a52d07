/// Every key of the configuration.
enum Setting: String, CaseIterable {
    case host, port
    case publicURL = "public_url"
    case dataDirectory = "data_dir"
    case workDirectory = "work_dir"
    case agentDID = "agent_did"
    case adminUsername = "admin.username"
    case adminPassword = "admin.password"
    case workers
    case sandbox = "engines.process.sandbox"
    case outboundAllow = "outbound.allow"
    case publicCatalogue = "public_catalogue"
    case logFormat = "log.format"
    case logLevel = "log.level"
    case drainGrace = "limits.drain_grace"
    case killGrace = "limits.kill_grace"
    case syncWait = "limits.sync_wait"
    case jobLifetime = "limits.job_lifetime"

    /// The value that holds when nobody gives one; nil where there is none, or where it depends on the machine.
    var defaultValue: String? {
        switch self {
        case .host: "127.0.0.1"
        case .port: "8191"
        case .dataDirectory: "./invoke-agent-data"
        case .adminUsername: "admin"
        case .sandbox: "bubblewrap"
        case .outboundAllow: ""
        case .publicCatalogue: "true"
        case .logLevel: "info"
        case .drainGrace: "25s"
        case .killGrace: "5s"
        case .syncWait: "50s"
        case .jobLifetime: "300s"
        case .publicURL, .workDirectory, .agentDID, .adminPassword, .workers, .logFormat: nil
        }
    }

    /// The environment variable that sets it.
    var variable: String { "INVOKE_AGENT_" + rawValue.replacing(".", with: "_").uppercased() }
}
