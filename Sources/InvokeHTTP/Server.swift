import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import InvokeAgent
package import InvokeModel
package import Logging
import NIOCore

/// The agent's HTTP side: all routes of all dialects over one service layer.
package struct Server: Sendable {
    private let agent: Agent
    private let profile: AgentProfile
    private let sandboxProblem: String?
    private let limits: EdgeLimits
    private let origins: Set<String>
    private let configuration: [JSON]
    private let engines: EngineConditions
    private let attempts: AttemptRoutes?
    private let console: Console?

    /// Answers what is below `/ui`. It can ask for the visitor: whose credentials the request has, nil without any that
    /// hold; and what answers him for the agent, to GET and HEAD without credentials.
    package typealias Console =
        @Sendable (
            _ request: Request,
            _ context: AgentContext,
            _ visitor:
                @escaping @Sendable () async -> (
                    account: Account?, api: @Sendable (Request) async throws -> Response
                )
        ) async throws -> Response

    /// How each engine is that the agent runs programs by.
    package typealias EngineConditions = @Sendable () async -> [(engine: Engine, condition: EngineCondition)]

    /// `sandboxProblem` is what keeps programs from being run safely, nil when nothing does; `origins` are the sites whose
    /// pages may call the agent from a browser, `*` for all; `configuration` is what admins are told of it; `attempts` is for
    /// engines that share no folder with the agent.
    package init(
        agent: Agent,
        profile: AgentProfile,
        sandboxProblem: String?,
        limits: EdgeLimits = EdgeLimits(),
        origins: Set<String> = [],
        configuration: [JSON] = [],
        engines: @escaping EngineConditions = { [] },
        attempts: AttemptRoutes? = nil,
        console: Console? = nil
    ) {
        self.agent = agent
        self.profile = profile
        self.sandboxProblem = sandboxProblem
        self.limits = limits
        self.origins = origins
        self.configuration = configuration
        self.engines = engines
        self.attempts = attempts
        self.console = console
    }

    /// What answers every request: the agent's routes and, where there is one, the console.
    package func responder() throws -> any HTTPResponder<AgentContext> {
        let api = try router().buildResponder()
        guard let console else { return api }
        return FrontDoor(api: api, console: console, agent: agent)
    }

    package func router() throws -> Router<AgentContext> {
        let limiter = limits.rate > 0 ? RateLimiter(rate: limits.rate) : nil
        let routes = Routes(agent: agent, limiter: limiter, origins: origins)
        try HealthRoutes(version: profile.version, sandboxProblem: sandboxProblem).add(to: routes)
        RatesRoute.add(to: routes)
        AccountRoutes.add(to: routes)
        SessionRoutes(profile).add(to: routes)
        WebhookRoutes.add(to: routes)
        ServiceRoutes.add(to: routes)
        InvocationRoutes.seed.add(to: routes)
        InvocationRoutes.v1.add(to: routes)
        JobRoutes.add(to: routes)
        EventRoutes.add(to: routes)
        ProviderRoutes.add(to: routes)
        OperatorRoutes(configuration: configuration, engines: engines).add(to: routes)
        DiscoveryRoutes(profile).add(to: routes)
        TokenRoutes.add(to: routes)
        MetaRoutes.add(to: routes)
        AssetRoutes.add(to: routes)
        StorageRoutes.add(to: routes)
        MarketRoutes.add(to: routes)
        CollectionRoutes.add(to: routes)
        TrustRoutes.add(to: routes)
        OSCARServiceRoutes(profile).add(to: routes)
        OSCARRunRoutes.add(to: routes)
        OSCARJobRoutes.add(to: routes)
        OSCARSystemRoutes(profile).add(to: routes)
        BucketRoutes(profile).add(to: routes)
        attempts?.add(to: routes)
        if profile.isDemo { DemoRoutes.add(to: routes) }
        routes.refuseOtherMethods()
        return routes.router
    }

    /// The server as a service; `onReady` is given the listener once connections are taken.
    package func application(
        host: String,
        port: Int,
        logger: Logger,
        onReady: @escaping @Sendable (ListeningSocket) async -> Void
    ) throws -> some ApplicationProtocol {
        let arrivals = Arrivals()
        return Application(
            responder: AnyResponder(inner: try responder()),
            server: HTTPServerBuilder { [limits] in EdgeChannel(limits: limits, arrivals: arrivals, responder: $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                // Those who wait at the cap wait here.
                backlog: 1024,
                availableConnectionsDelegate: ConnectionRoom(maximum: limits.connections)
            ),
            onServerRunning: { channel in
                // One by one, since the cap is asked for between reads only.
                try? await channel.setOption(.maxMessagesPerRead, value: 1).get()
                try? await channel.pipeline.addHandler(arrivals, position: .first)
                await onReady(ListeningSocket(channel, port: port, arrivals))
            },
            logger: logger
        )
    }
}

/// A responder whose kind is known only at run time, as the server library takes it.
private struct AnyResponder: HTTPResponder {
    let inner: any HTTPResponder<AgentContext>

    func respond(to request: Request, context: AgentContext) async throws -> Response {
        try await inner.respond(to: request, context: context)
    }
}
