import HTTPTypes
import Hummingbird
import InvokeAgent
import InvokeModel

/// Sends browsers to the console's pages, and all that is not below `/ui` to the agent's routes.
struct FrontDoor<API: HTTPResponder<AgentContext>>: HTTPResponder {
    let api: API
    let console: Server.Console
    let agent: Agent

    func respond(to request: Request, context: AgentContext) async throws -> Response {
        let path = request.uri.path
        if path == "/ui" || path.hasPrefix("/ui/") { return try await page(request, context) }
        if path == "/", [.get, .head].contains(request.method), wantsPage(request) {
            var response = Response(status: .found, headers: [.location: "/ui"])
            response.mark(context)
            return response
        }
        return try await api.respond(to: request, context: context)
    }

    private func wantsPage(_ request: Request) -> Bool {
        request.headers[values: .accept].contains { $0.contains("text/html") }
            && !request.headers.contains(.authorization)
    }

    private func page(_ request: Request, _ context: AgentContext) async throws -> Response {
        var response: Response
        do {
            response = try await console(request, context) { [api, agent] in
                let account = try? await Routes.account(of: request, context, agent)
                return (account, { try await Self.answer(to: $0, of: account, context, api) })
            }
        } catch {
            response = ErrorAnswers.answer(to: request, error, context)
        }
        response.mark(context)
        return response
    }

    /// What the API answers to a page. Its visitor has proven who he is, which is enough to read; what changes something has
    /// to prove it anew, and where it comes from.
    private static func answer(
        to request: Request,
        of visitor: Account?,
        _ context: AgentContext,
        _ api: API
    ) async throws -> Response {
        var context = context
        if [.get, .head].contains(request.method) { context.visitor = visitor }
        return try await api.respond(to: request, context: context)
    }
}
