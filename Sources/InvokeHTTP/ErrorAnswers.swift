import Foundation
import HTTPTypes
import Hummingbird
import InvokeModel
import InvokeWire
import Logging
import OrderedCollections

/// Turns whatever a handler throws into an answer of the catalogue, and marks every answer with the request's id.
struct ErrorAnswers: RouterMiddleware {
    /// The longest request target, in bytes.
    private let maximumTarget = 8 << 10

    func handle(
        _ request: Request,
        context: AgentContext,
        next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            guard request.uri.string.utf8.count <= maximumTarget else {
                throw Refusal(.targetTooLong, "The request target is longer than \(maximumTarget) bytes.")
            }
            response = try await next(request, context)
        } catch {
            response = Self.answer(to: request, error, context)
        }
        response.mark(context)
        return response
    }

    /// What a thrown error is answered with.
    static func answer(to request: Request, _ error: any Error, _ context: AgentContext) -> Response {
        switch error {
        case let refusal as Refusal: return answer(to: request, refusal, context)
        case let error as MethodNotAllowed:
            var response = answer(to: request, error.refusal(of: request.method.rawValue), context)
            response.headers[.allow] = error.allowed
            return response
        case let error as HTTPError: return answer(to: request, Refusal(error, request), context)
        default:
            context.logger.error(
                "fault",
                metadata: [
                    "request": "\(context.requestID)", "method": "\(request.method)",
                    "route": "\(context.coreContext.endpointPath.value ?? "-")", "error": "\(error)",
                ]
            )
            return answer(to: request, .internalFault, context)
        }
    }

    private static func answer(to request: Request, _ refusal: Refusal, _ context: AgentContext) -> Response {
        var refusal = refusal
        // Spread by a fifth, so that those who are sent away together don't come back together.
        refusal.retryAfter = refusal.retryAfter.map { max(1, Int((Double($0) * .random(in: 0.8...1.2)).rounded())) }
        let dialect = Dialect(path: request.uri.path)
        if dialect == .oscar { return OSCARErrors.answer(to: refusal) }
        let status = dialect.status(of: refusal)
        var body = refusal.body(status: status, request: context.requestID)
        if dialect == .v1, var members = body.object {
            // DEP-6 v1's prose wants the flat pair, its example the nested one: both are there.
            members["error"] = ["errorcode": body["errorcode"] ?? .null, "description": .string(refusal.message)]
            body = .object(members)
        }
        var response = Response(json: body, status: HTTPResponse.Status(code: status))
        if AcceptHeader(request.headers[values: .accept]).admits("application/problem+json") {
            response.headers[.contentType] = "application/problem+json"
        }
        switch refusal.code {
        case .unauthenticated:
            // A browser would answer this one with a dialog of its own, where the console has its page.
            if !isFromConsole(request) {
                response.headers.append(
                    HTTPField(name: .wwwAuthenticate, value: #"Basic realm="invoke-agent", charset="UTF-8""#)
                )
            }
            response.headers.append(HTTPField(name: .wwwAuthenticate, value: #"Bearer realm="invoke-agent""#))
        case .bodyTooLarge, .requestTimeout, .draining: response.headers[.connection] = "close"
        default: break
        }
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// Whether a page of the console asks, or one of its workers.
    private static func isFromConsole(_ request: Request) -> Bool {
        let page = request.headers[.referer].flatMap(URLComponents.init(string:))
        return page.map { $0.path == "/ui" || $0.path.hasPrefix("/ui/") } ?? false
    }
}

extension Response {
    /// What every answer has.
    mutating func mark(_ context: AgentContext) {
        headers[.xRequestID] = context.requestID
        if !headers.contains(.cacheControl) { headers[.cacheControl] = "private, no-cache" }
    }
}

extension Dialect {
    init(path: String) {
        let parts = path.split(separator: "/", maxSplits: 2)
        self =
            switch parts.first {
            case "invoke", "invokeasync": .seed
            case "jobs" where parts.dropFirst().first == "result": .seed
            case "api": .v1
            case "system", "run", "job": .oscar
            default: .agent
            }
    }
}

/// A method that a route does not have.
struct MethodNotAllowed: Error {
    /// The methods it has, as `Allow` lists them.
    let allowed: String

    fileprivate func refusal(of method: String) -> Refusal {
        Refusal(.methodNotAllowed, "\(method) is not a method of this route; it has \(allowed).")
    }
}

extension Refusal {
    static let internalFault = Refusal(
        .internalFault,
        "Something went wrong inside the agent. The request's id names it in the agent's log."
    )

    /// What the server library refuses by itself.
    fileprivate init(_ error: HTTPError, _ request: Request) {
        switch error.status {
        case .notFound:
            let path = request.uri.path.prefix(200)
            self.init(.unknownRoute, "There is no route \(request.method) \(path); /openapi.json lists them all.")
        case .contentTooLarge: self.init(.bodyTooLarge, "The request body is larger than this route takes.")
        case .requestTimeout: self.init(.requestTimeout, "The request was not complete in time.")
        default: self.init(.invalidParameter, "The request can't be read: \(error.status.reasonPhrase).")
        }
    }
}

extension HTTPField.Name {
    static let xRequestID = literal("X-Request-Id")
    static let webhookURL = literal("Webhook-URL")
    static let webhookEvents = literal("Webhook-Events")
    static let purchaseToken = literal("Purchase-Token")
    static let idempotencyKey = literal("Idempotency-Key")
    static let idempotencyReplayed = literal("Idempotency-Replayed")
    static let jobTimeout = literal("Job-Timeout")
    static let link = literal("Link")
    static let prefer = literal("Prefer")
    static let rateLimit = literal("RateLimit")
    static let rateLimitPolicy = literal("RateLimit-Policy")
    static let lastEventID = literal("Last-Event-ID")
    static let xAccelBuffering = literal("X-Accel-Buffering")
    static let xOceanFrom = literal("X-Ocean-From")
    static let xOceanSize = literal("X-Ocean-Size")
    static let secFetchSite = literal("Sec-Fetch-Site")

    private static func literal(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header name") }
        return name
    }
}
