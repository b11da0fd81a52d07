import Foundation
import Hummingbird
import InvokeAgent
import InvokeAssets
import InvokeConsole
import InvokeExecution
import InvokeHTTP
import InvokeModel
import InvokeOutbound
import InvokeStore
import InvokeWebhooks
import InvokeWire
import InvokeWorkers
import Logging
import NIOCore
import ServiceLifecycle

/// Every part of the agent, made and handed to the next, once, from top to bottom.
struct Wiring {
    private let settings: Settings
    private let told: [ShownSetting]

    /// `told` is what admins may know of the settings.
    init(_ settings: Settings, told: [ShownSetting]) {
        self.settings = settings
        self.told = told
    }

    /// Runs the agent until it is told to stop.
    /// - Throws: `Stop` when it can't start.
    func serve() async throws {
        Logs.start(format: settings.logFormat, level: settings.logLevel)
        let logger = Logger(label: "invoke-agent")
        try checkOpenFiles(logger)

        let folder = DataDirectory(settings.dataDirectory)
        try folder.take()
        try folder.checkRestored()
        let store = try openStore(folder)
        logger.info("store opened", metadata: store.pragmas.mapValues { "\($0)" })
        let key = try openKey(folder)
        let contents = try FileContentStore(root: folder.contents)
        let definitions = try DefinitionReader()
        let outbound = try makeGuard()

        let agentID = try await drawAgentID(store)
        let agent = Agent(
            id: agentID,
            store: store,
            contents: contents,
            key: key,
            outbound: outbound,
            tokens: try settings.tokens.verifiers(outbound, now: { store.now }, logger),
            definitions: definitions,
            limits: agentLimits
        )
        try await makeFirstAdmin(agent, folder)
        if let password = settings.clusterPassword {
            try await agent.makeAdmin(username: settings.clusterUsername, password: password)
        }
        if settings.isDemo { try await agent.makeDemoUser() }

        let address = PublicAddress(settings.publicURL ?? settings.fixedURL)
        let signer = WebhookSigner(secret: agent.webhookSecret(of:generation:))
        let folders = settings.workFolders(folder)
        let probe = SandboxProbe(root: folders.disk, sandbox: settings.engines.sandbox)
        let availability = await probe.availability()
        let problem: String? = if case .unavailable(let reason) = availability { reason } else { nil }
        if let problem { logger.error("jobs can't be run", metadata: ["reason": "\(problem)"]) }
        let engines = settings.engines.executors(
            agent: agentID,
            folder: folders.disk,
            availability: availability,
            killGrace: settings.killGrace,
            publicURL: { try await address.reached() },
            logger: logger
        )
        let worker = Worker(
            agent: agentID,
            store: store,
            contents: contents,
            engines: engines,
            definitions: definitions,
            folders: folders,
            limits: workerLimits,
            logger: logger,
            calls: ProviderCalls(
                outbound: outbound,
                client: OutboundClient(
                    userAgent: "invoke-agent/\(agentVersion)",
                    connectTimeout: .seconds(5),
                    readBytes: ProviderCalls.longestAnswer,
                    logger: logger
                ),
                publicURL: { try await address.reached() },
                // Who is called compares the time with his own.
                sign: { try await signer.headers(id: $0, body: $1, account: $2, in: store, at: Date()) },
                completionToken: agent.completionToken(of:),
                inputPath: agent.inputPath(_:of:until:)
            ),
            startChild: agent.startChild,
            scriptEnvironment: agent.scriptEnvironment
        )
        let pools = WorkerPools(worker: worker, defaultConcurrency: settings.workers)
        let pruner = Pruner(store: store, keeping: settings.keep, logger: logger)
        let watcher = BucketWatcher(store: store, logger: logger, start: agent.startJobs(for:))
        let sweeper = ContentSweeper(store: store, contents: contents, logger: logger)
        let drain = Drain(agent, pools)

        let webhooks = WebhookDispatcher(
            store: store,
            signer: signer,
            outbound: outbound,
            agent: { agentID },
            publicURL: { address.current },
            version: agentVersion,
            limits: settings.webhooks,
            logger: logger
        )

        let console = try Console()
        let server = try Server(
            agent: agent,
            profile: AgentProfile(
                name: settings.agentName,
                description: settings.agentDescription,
                version: agentVersion,
                isDemo: settings.isDemo,
                url: { address.current }
            ),
            sandboxProblem: problem,
            limits: settings.edge,
            origins: settings.corsOrigins,
            configuration: told.map(\.json),
            engines: engines.conditions,
            attempts: settings.engines.transfersFiles
                ? AttemptRoutes(AttemptTransfers(folder: folders.disk)) : nil,
            console: { try await console.respond(to: $0, $1.coreContext, $1.logger, visitor: $2) }
        ).application(
            host: settings.host,
            port: settings.port,
            // It takes a listener that is closed before the server stops for a fault.
            logger: quieter(logger, to: .critical)
        ) { listener in
            drain.listens(on: listener)
            let url = settings.url(port: listener.port)
            address.set(settings.publicURL ?? url)
            announce(url: url, agentID)
        }
        warnIfExposed(logger)

        // Stopped in reverse: intake and jobs, then open connections, then the last deliveries.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: DiskGuard(failures: store.failures, logger: logger)),
                    .init(service: OnceReachable(address: address, inner: webhooks)),
                    .init(service: pruner),
                    .init(service: sweeper),
                    .init(service: watcher),
                    .init(service: pools),
                    .init(service: Listening(lifecycle: agent.lifecycle, inner: server)),
                    .init(service: drain),
                ],
                logger: quieter(logger)
            )
        )
        do {
            try await group.runUntilTold()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw Stop.alreadyRunning(
                "port \(settings.port) of \(settings.host) is taken; choose another --port, 0 for any"
            )
        } catch let error as IOError {
            throw Stop.badConfiguration("\(settings.host):\(settings.port) can't be listened on: \(error)")
        }
        folders.tidy()
        try store.close()
    }

    private func openStore(_ folder: DataDirectory) throws -> Store {
        do {
            return try Store(path: folder.database, lowWater: settings.diskLowWater)
        } catch let fault as StoreFault {
            throw Stop(fault, path: folder.database)
        }
    }

    private func openKey(_ folder: DataDirectory) throws -> AgentKey {
        do {
            return try AgentKey(path: folder.key)
        } catch {
            throw Stop.folderNotWritable("\(error)")
        }
    }

    private func makeGuard() throws -> OutboundGuard {
        do {
            return try OutboundGuard(allowing: settings.outboundAllow)
        } catch {
            throw Stop.badConfiguration("the setting \"\(Setting.outboundAllow.rawValue)\": \(error)")
        }
    }

    private func drawAgentID(_ store: Store) async throws -> AgentID {
        if let id = settings.agentID { return id }
        let drawn = AgentID.random()
        return AgentID(try await store.setting("agent_id", orDraw: drawn.description)) ?? drawn
    }

    private func makeFirstAdmin(_ agent: Agent, _ folder: DataDirectory) async throws {
        let drawn = try await agent.makeFirstAdmin(username: settings.adminUsername, password: settings.adminPassword)
        guard let drawn else { return }
        try folder.keep(adminPassword: drawn)
        let text =
            "First start: the admin is \"\(settings.adminUsername)\", the password \(drawn)\n"
            + "It is also in \(folder.adminPassword), and shown only this once.\n"
        FileHandle.standardError.write(Data(text.utf8))
    }

    private var agentLimits: AgentLimits {
        var limits = AgentLimits()
        limits.longestWait = settings.syncWait
        limits.jobLifetime = settings.jobLifetime
        limits.waitingJobs = settings.pending
        limits.waitingJobsOfCaller = settings.pendingPerCaller
        limits.wrongPasswords = settings.wrongPasswords
        limits.slots = settings.workers
        limits.engines = settings.engines.allowed
        limits.clusterSlots = settings.engines.clusterSlots
        limits.scripts = settings.scripts
        limits.longestRun = settings.runTime
        limits.scriptPage = settings.listingLimit
        limits.isCataloguePublic = settings.isCataloguePublic
        limits.requiresContentHash = settings.requiresContentHash
        return limits
    }

    private var workerLimits: WorkerLimits {
        var limits = WorkerLimits()
        limits.drainGrace = settings.drainGrace
        limits.killGrace = settings.killGrace
        limits.lease = settings.lease
        return limits
    }

    /// - Throws: `Stop` when the agent may open too few files to work at all.
    private func checkOpenFiles(_ logger: Logger) throws {
        let files = OpenFiles.raiseLimit()
        guard files >= Self.fewestFiles else {
            throw Stop.badConfiguration(
                "only \(files) files may be open at once, fewer than the \(Self.fewestFiles) it takes; raise ulimit -n"
            )
        }
        guard settings.edge.connections > files / 2 else { return }
        logger.warning(
            "fewer connections than configured: half of the files that may be open (ulimit -n) are left to other things",
            metadata: ["configured": "\(settings.edge.connections)", "files": "\(files)"]
        )
    }

    static let fewestFiles = 256

    /// The libraries' own logs, from a level on only: they tell of every connection otherwise.
    private func quieter(_ logger: Logger, to level: Logger.Level = .warning) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, level)
        return logger
    }

    private func warnIfExposed(_ logger: Logger) {
        guard !Settings.isLoopback(settings.host) else { return }
        logger.warning(
            "listening beyond this machine without TLS: put a proxy in front that ends TLS",
            metadata: ["host": "\(settings.host)"]
        )
    }

    /// The ready line: one line of JSON on standard output.
    private func announce(url: String, _ id: AgentID) {
        let line: JSON = [
            "event": "ready", "url": .string(url), "pid": .number(JSONNumber(Int(getpid()))),
            "did": .string(DID(agent: id).description), "version": .string(agentVersion),
        ]
        FileHandle.standardOutput.write(Data(line.bytes() + [0x0A]))
    }
}

extension Settings {
    /// Where jobs run.
    func workFolders(_ folder: DataDirectory) -> WorkFolders {
        WorkFolders(
            disk: workDirectory ?? "/var/tmp/\(folder.workDirectoryName)",
            memory: usesWorkMemory ? WorkFolders.inMemory(folder.workDirectoryName) : nil
        )
    }

    /// Where the agent listens, as a URL.
    func url(port: Int) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// The same before it listens; nil when any free port is to be taken.
    var fixedURL: String? { port == 0 ? nil : url(port: port) }
}
