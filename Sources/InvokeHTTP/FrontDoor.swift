import HTTPTypes
import Hummingbird

/// Sends browsers to the console's pages, and all that is not below `/ui` to the agent's routes.
struct FrontDoor<API: HTTPResponder<AgentContext>>: HTTPResponder {
    let api: API
    let console: any HTTPResponder<AgentContext>

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
            response = try await console.respond(to: request, context: context)
        } catch {
            response = ErrorAnswers.answer(to: request, error, context)
        }
        response.mark(context)
        return response
    }
}
