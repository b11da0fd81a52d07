import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel
import InvokeOutbound
import InvokeStore

/// Who may call a route.
enum Access: Sendable {
    /// Anybody.
    case open
    /// Anybody, unless the operator keeps the catalogue to those with an account.
    case catalogue
    /// Those with an account.
    case account
    /// Admins, and anybody who calls from this machine itself.
    case local
}

/// Registers routes so that every request meets the same checks in the same order: route, method, credentials,
/// `Accept`; then the handler's own (reliability promise E3).
final class Routes {
    typealias Handler = @Sendable (Call) async throws -> Response

    let router: Router<AgentContext>
    private let agent: Agent
    private let limiter: RateLimiter?
    private var methods: [String: [HTTPRequest.Method]] = [:]

    init(agent: Agent, limiter: RateLimiter?, origins: Set<String>) {
        self.agent = agent
        self.limiter = limiter
        router = Router(context: AgentContext.self)
        if !origins.isEmpty { router.add(middleware: CrossOrigin(origins: origins)) }
        router.add(middleware: ErrorAnswers())
        router.add(middleware: S3Gate(agent: agent))
    }

    /// `types` are what the route answers with when all is well; none for an answer of any type, or without a body.
    func get(
        _ path: String,
        _ access: Access,
        answers types: [String] = ["application/json"],
        use handler: @escaping Handler
    ) {
        on(.get, path, access, types, handler)
        on(.head, path, access, types) { try await handler($0).createHeadResponse() }
    }

    func post(
        _ path: String,
        _ access: Access = .account,
        answers types: [String] = ["application/json"],
        use handler: @escaping Handler
    ) {
        on(.post, path, access, types, handler)
    }

    func put(
        _ path: String,
        _ access: Access = .account,
        answers types: [String] = ["application/json"],
        use handler: @escaping Handler
    ) {
        on(.put, path, access, types, handler)
    }

    func delete(_ path: String, _ access: Access = .account, use handler: @escaping Handler) {
        on(.delete, path, access, [], handler)
    }

    /// Answers every other method of every path with 405; called once, after all routes.
    func refuseOtherMethods() {
        var known: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .options, .trace, .connect]
        if let query = HTTPRequest.Method(rawValue: "QUERY") { known.append(query) }
        for (path, methods) in methods {
            let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
            for method in known where !methods.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw MethodNotAllowed(allowed: allowed)
                }
            }
        }
    }

    private func on(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ access: Access,
        _ types: [String],
        _ handler: @escaping Handler
    ) {
        methods[path, default: []].append(method)
        router.on(RouterPath(path), method: method) { [agent, limiter] request, context -> Response in
            guard !agent.lifecycle.isDraining || Self.alwaysAnswered.contains(path) else { throw Refusal.draining }
            let caller = try await Self.caller(of: request, context, access, agent)
            return try await RateLimiter.limit(limiter, caller, request, context) {
                let accept = AcceptHeader(request.headers[values: .accept])
                guard types.isEmpty || types.contains(where: accept.admits) else {
                    throw Refusal(.notAcceptable, "This route answers with \(types.joined(separator: " or ")).")
                }
                return try await handler(Call(request: request, context: context, agent: agent, caller: caller))
            }
        }
    }

    /// What tells about the agent itself is answered also when it shuts down.
    private static let alwaysAnswered: Set = ["/health", "/metrics"]

    private static func caller(
        of request: Request,
        _ context: AgentContext,
        _ access: Access,
        _ agent: Agent
    ) async throws -> Account? {
        let isNeeded: Bool
        switch access {
        case .open: isNeeded = false
        case .catalogue: isNeeded = !agent.limits.isCataloguePublic
        case .account: isNeeded = true
        case .local:
            if context.isLocal(request) { return nil }
            isNeeded = true
        }
        // An open route tells no secrets, so it takes no offence at credentials that it does not need.
        if case .open = access { return nil }
        guard let account = try await account(of: request, context, agent) else {
            guard !isNeeded else { throw Refusal.unauthenticated }
            return nil
        }
        if case .local = access, !account.isAdmin { throw Refusal.forbidden("an admin") }
        return account
    }

    /// Whom the request's credentials belong to: a header of its own, or the cookie of a browser's session.
    static func account(of request: Request, _ context: AgentContext, _ agent: Agent) async throws -> Account? {
        if let visitor = context.visitor { return visitor }
        if let header = request.headers.value(of: .authorization) {
            return try await agent.authenticate(authorization: header, from: context.place)
        }
        guard let session = SessionCookie(of: agent).token(in: request),
            let account = try await agent.authenticate(session: session)
        else { return nil }
        try SessionCookie.checkOrigin(of: request)
        return account
    }
}

extension AgentContext {
    /// Whether a program on this machine calls for itself: what a proxy passes on comes from somewhere else.
    fileprivate func isLocal(_ request: Request) -> Bool {
        guard let address = channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }), address.isLoopback else {
            return false
        }
        let names = [HTTPField.Name("Forwarded"), HTTPField.Name("X-Forwarded-For"), HTTPField.Name("Via")]
        return !names.compactMap(\.self).contains { request.headers.contains($0) }
    }
}
