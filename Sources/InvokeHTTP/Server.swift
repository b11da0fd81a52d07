import HTTPTypes
package import Hummingbird
package import InvokeAgent
package import Logging

/// The agent's HTTP side: all routes of all dialects over one service layer.
package struct Server: Sendable {
    private let agent: Agent
    private let version: String
    private let sandboxProblem: String?

    /// `sandboxProblem` is what keeps programs from being run safely; nil when nothing does.
    package init(agent: Agent, version: String, sandboxProblem: String?) {
        self.agent = agent
        self.version = version
        self.sandboxProblem = sandboxProblem
    }

    package func router() throws -> Router<AgentContext> {
        let routes = Routes(agent: agent)
        try HealthRoutes(version: version, sandboxProblem: sandboxProblem).add(to: routes)
        AccountRoutes.add(to: routes)
        ServiceRoutes.add(to: routes)
        SeedRoutes.add(to: routes)
        JobRoutes.add(to: routes)
        TokenRoutes.add(to: routes)
        MetaRoutes.add(to: routes)
        StorageRoutes.add(to: routes)
        MarketRoutes.add(to: routes)
        routes.refuseOtherMethods()
        return routes.router
    }

    /// The server as a service; `onReady` is told the port once connections are taken.
    package func application(
        host: String,
        port: Int,
        logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void
    ) throws -> some ApplicationProtocol {
        Application(
            router: try router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: logger
        )
    }
}
