import Configuration
import Foundation
import InvokeHTTP
import InvokeModel
import InvokeStore
import InvokeWebhooks
import InvokeWire

/// The configuration: an option wins over the environment, that over the file, and that over the default.
struct Settings: Sendable {
    let host: String
    let port: Int
    let publicURL: String?
    let dataDirectory: String
    let workDirectory: String?
    /// Whether jobs that move no assets run in memory, where the machine can do it.
    let usesWorkMemory: Bool
    let agentID: AgentID?
    let agentName: String
    let agentDescription: String
    let adminUsername: String
    let adminPassword: String?
    let workers: Int
    let engines: EngineSettings
    let outboundAllow: [String]
    let webhooks: DeliveryLimits
    let clusterUsername: String
    let clusterPassword: String?
    let scripts: ScriptService.Rules
    /// From the acceptance of a synchronous run of a script to its end.
    let runTime: Duration
    /// Jobs on a page of OSCAR's.
    let listingLimit: Int
    let tokens: TokenSettings
    let isCataloguePublic: Bool
    let requiresContentHash: Bool
    let corsOrigins: Set<String>
    let isDemo: Bool
    let logFormat: String?
    let logLevel: String
    let drainGrace: Duration
    let killGrace: Duration
    let syncWait: Duration
    let jobLifetime: Duration
    let pending: Int
    let pendingPerCaller: Int
    let diskLowWater: DiskSpace.Mark
    let wrongPasswords: Int
    let edge: EdgeLimits
    let lease: Duration
    let keep: KeepLimits

    /// - Throws: `Stop.badConfiguration` for a value that can't be read.
    init(_ layers: [SettingLayer]) async throws {
        var providers: [any ConfigProvider] = []
        for layer in layers { providers.append(try await layer.provider()) }
        let reader = SettingReader(reader: ConfigReader(providers: providers))

        host = try reader.text(.host)
        port = try reader.number(.port, in: 0...65_535)
        publicURL = reader.optionalText(.publicURL).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        dataDirectory = try reader.text(.dataDirectory)
        workDirectory = reader.optionalText(.workDirectory)
        usesWorkMemory = try reader.word(.workMemory, of: ["auto", "none"]) == "auto"
        agentID = try reader.optionalText(.agentDID).map { text in
            guard let did = DID(text), did.asset == nil else {
                throw reader.wrong(.agentDID, "did:dep: and 64 hexadecimal digits")
            }
            return did.agent
        }
        agentName = try reader.text(.agentName)
        agentDescription = try reader.text(.agentDescription)
        adminUsername = try reader.text(.adminUsername)
        adminPassword = reader.optionalText(.adminPassword)
        workers =
            reader.optionalText(.workers) == nil
            ? ProcessInfo.processInfo.activeProcessorCount : try reader.number(.workers, in: 1...256)
        engines = try EngineSettings(reader)
        outboundAllow = try reader.list(.outboundAllow)
        var webhooks = DeliveryLimits()
        webhooks.schedule = RetrySchedule(delays: try reader.durations(.webhookRetries))
        webhooks.attempt = try reader.positiveDuration(.webhookTime)
        self.webhooks = webhooks
        clusterUsername = try reader.text(.clusterUsername)
        clusterPassword = reader.optionalText(.clusterPassword)
        var scripts = ScriptService.Rules()
        scripts.instances = workers
        scripts.inFlight = try reader.number(.scriptsInFlight, in: 1...256)
        let scriptTime = try reader.duration(.scriptTime)
        scripts.executionTime = scriptTime > .zero ? scriptTime : nil
        scripts.keepsTokens = try reader.flag(.keepTokens)
        scripts.engines = try reader.engines(.scriptEngines)
        self.scripts = scripts
        runTime = try reader.positiveDuration(.runTime)
        listingLimit = try reader.number(.listingLimit, in: 1...1000)
        tokens = try TokenSettings(
            issuers: reader.optionalText(.tokenIssuers),
            checker: reader.optionalText(.tokenChecker),
            secret: reader.optionalText(.tokenCheckerSecret)
        )
        isCataloguePublic = try reader.flag(.publicCatalogue)
        requiresContentHash = try reader.flag(.requireContentHash)
        isDemo = try reader.flag(.demo)
        guard !isDemo || Self.isLoopback(host) else {
            throw reader.wrong(.demo, "false on \(host): the demo user's password is known to all")
        }
        corsOrigins = try reader.origins(.corsOrigins) ?? (isDemo ? ["*"] : [])
        logFormat = reader.optionalText(.logFormat) == nil ? nil : try reader.word(.logFormat, of: ["text", "json"])
        logLevel = try reader.word(.logLevel, of: ["debug", "info", "warning", "error"])
        drainGrace = try reader.duration(.drainGrace)
        killGrace = try reader.duration(.killGrace)
        syncWait = try reader.duration(.syncWait)
        jobLifetime = try reader.duration(.jobLifetime)
        pending = try reader.number(.pending, in: 1...1_000_000)
        pendingPerCaller = try reader.number(.pendingPerCaller, in: 1...1_000_000)
        diskLowWater =
            reader.optionalText(.diskLowWater) == nil
            ? .usual : .bytes(try reader.number(.diskLowWater, in: 0...(1 << 50)))
        wrongPasswords = try reader.number(.wrongPasswords, in: 0...1_000_000)
        edge = try Self.edge(reader)
        lease = try reader.duration(.lease)
        guard lease >= .seconds(1) else { throw reader.wrong(.lease, "a duration of at least 1s") }
        var keep = KeepLimits()
        keep.succeeded = try reader.duration(.keepSucceeded)
        keep.failed = try reader.duration(.keepFailed)
        self.keep = keep
    }

    private static func edge(_ reader: SettingReader) throws -> EdgeLimits {
        var limits = EdgeLimits()
        limits.rate = try reader.number(.rate, in: 0...1_000_000)
        limits.connections = try reader.number(.connections, in: 1...1_000_000)
        limits.connectionsPerAddress = try reader.number(.connectionsPerAddress, in: 1...1_000_000)
        limits.headTime = try reader.positiveDuration(.headTime)
        limits.bodyTime = try reader.positiveDuration(.bodyTime)
        limits.idleTime = try reader.positiveDuration(.idleTime)
        limits.writeTime = try reader.positiveDuration(.writeTime)
        return limits
    }

    static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }
}

/// Reads values and says which one is wrong.
struct SettingReader {
    let reader: ConfigReader

    func wrong(_ setting: Setting, _ expected: String) -> Stop {
        .badConfiguration("the setting \"\(setting.rawValue)\" must be \(expected)")
    }

    func optionalText(_ setting: Setting) -> String? {
        reader.string(forKey: ConfigKey(setting.rawValue)).flatMap { $0.isEmpty ? nil : $0 }
    }

    func text(_ setting: Setting) throws -> String {
        guard let text = optionalText(setting) else { throw wrong(setting, "text") }
        return text
    }

    func number(_ setting: Setting, in range: ClosedRange<Int>) throws -> Int {
        guard let number = try? reader.requiredInt(forKey: ConfigKey(setting.rawValue)), range.contains(number) else {
            throw wrong(setting, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func word(_ setting: Setting, of words: [String]) throws -> String {
        let key = ConfigKey(setting.rawValue)
        // YAML's true is no text.
        let text = reader.string(forKey: key) ?? reader.bool(forKey: key).map { "\($0)" }
        guard let text, words.contains(text) else { throw wrong(setting, words.joined(separator: " or ")) }
        return text
    }

    func flag(_ setting: Setting) throws -> Bool { try word(setting, of: ["true", "false"]) == "true" }

    /// Origins as browsers write them (RFC 6454), or `*`; nil when the setting is not there.
    func origins(_ setting: Setting) throws -> Set<String>? {
        guard let list = try? list(setting) else { return nil }
        for origin in list where origin != "*" {
            let url = URLComponents(string: origin)
            guard ["http", "https"].contains(url?.scheme), url?.host?.isEmpty == false, url?.path == "" else {
                throw wrong(setting, "* or sites such as https://market.example, not \"\(origin)\"")
            }
        }
        return Set(list)
    }

    /// The engines that a list names, in its order.
    func engines(_ setting: Setting, of known: [Engine] = Engine.programs) throws -> [Engine] {
        try list(setting).map { name in
            guard let engine = Engine(rawValue: name), known.contains(engine) else {
                let names = known.map(\.rawValue).joined(separator: ", ")
                throw wrong(setting, "a list of \(names), not \"\(name)\"")
            }
            return engine
        }
    }

    func list(_ setting: Setting) throws -> [String] {
        guard let list = try? reader.requiredStringArray(forKey: ConfigKey(setting.rawValue)) else {
            throw wrong(setting, "a list of texts")
        }
        return list.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    func durations(_ setting: Setting) throws -> [Duration] {
        try list(setting).map { text in
            guard let duration = Duration(text: text) else { throw wrong(setting, "durations such as 5s and 30m") }
            return duration
        }
    }

    func duration(_ setting: Setting) throws -> Duration {
        guard let duration = Duration(text: try text(setting)) else {
            throw wrong(setting, "a duration such as 30s or 5m")
        }
        return duration
    }

    func positiveDuration(_ setting: Setting) throws -> Duration {
        let duration = try duration(setting)
        guard duration > .zero else { throw wrong(setting, "longer than nothing") }
        return duration
    }
}
