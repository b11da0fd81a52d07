import HTTPTypes
import Hummingbird

/// Lets scripts of other sites' pages call the agent from a browser (the Fetch standard's CORS protocol).
struct CrossOrigin: RouterMiddleware {
    /// The origins that may, such as `https://market.example`; `*` stands for all.
    let origins: Set<String>

    func handle(
        _ request: Request,
        context: AgentContext,
        next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], origins.contains("*") || origins.contains(origin) else {
            return try await next(request, context)
        }
        let isPreflight = request.method == .options && request.headers[.accessControlRequestMethod] != nil
        var response = isPreflight ? Self.preflight : try await next(request, context)
        if isPreflight { response.mark(context) }
        // Credentials of ours stand in a header that the script sets, never in a cookie, so any origin can be named so.
        response.headers[.accessControlAllowOrigin] = origins.contains("*") ? "*" : origin
        response.headers[.accessControlExposeHeaders] = "*"
        if !origins.contains("*") { response.headers[.vary] = "Origin" }
        return response
    }

    private static let preflight = Response(
        status: .noContent,
        headers: [
            .accessControlAllowMethods: "GET, HEAD, POST, PUT, DELETE",
            // The asterisk does not stand for this one.
            .accessControlAllowHeaders: "Authorization, *",
            .accessControlMaxAge: "600",
        ]
    )
}
