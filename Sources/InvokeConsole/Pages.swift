import HTTPTypes
import Hummingbird
import InvokeModel
import NIOCore

/// Registers pages, and answers for what goes wrong on them.
struct Pages<Context: RequestContext> {
    typealias Page = @Sendable (Visit) async throws -> Response

    let router: Router<Context>
    private let files: ConsoleFiles
    private let fragments = Fragments()
    private let api: any HTTPResponder<Context>
    private let caller: Console<Context>.Caller

    init(_ files: ConsoleFiles, api: any HTTPResponder<Context>, caller: @escaping Console<Context>.Caller) {
        self.files = files
        self.api = api
        self.caller = caller
        router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: PageManners())
    }

    /// A page; `path` begins with `/ui`.
    func get(_ path: String, _ page: @escaping Page) { on(.get, path, page) }

    /// Where a form of a page is sent, by browsers without scripts.
    func post(_ path: String, _ page: @escaping Page) { on(.post, path, page) }

    private func on(_ method: HTTPRequest.Method, _ path: String, _ page: @escaping Page) {
        router.on(RouterPath(path), method: method) { [files, fragments, api, caller] request, context -> Response in
            let visit = Visit(
                request,
                by: await caller(request, context),
                parameters: context.parameters,
                files: files,
                fragments: fragments,
                api: { request in try await api.respond(to: request, context: context) }
            )
            do {
                return try await page(visit)
            } catch let unanswered as Unanswered {
                return unanswered.page(for: visit)
            }
        }
    }
}

extension Unanswered {
    /// The login page for those who have to say who they are; for all others a page that tells what is wrong.
    fileprivate func page(for visit: Visit) -> Response {
        if status == 401 { return .seeOther("/ui/login?next=\(Paths.escape(visit.address))") }
        let isHidden = status == 403 || status == 404
        return visit.page(
            "error",
            nil,
            title: isHidden ? "Not found" : "That did not work",
            [
                "isHidden": isHidden,
                "message": body["description"]?.view ?? "The agent answered \(status).",
            ],
            status: isHidden ? .notFound : HTTPResponse.Status(code: status)
        )
    }
}

extension Response {
    /// Sends the browser on to a page of ours.
    static func seeOther(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }
}

/// What every page says to the browser: nothing from elsewhere, nothing inline, no frames around it.
private struct PageManners<Context: RequestContext>: RouterMiddleware {
    private static var policy: String {
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
            + "frame-src blob:; object-src blob:; connect-src 'self'; worker-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
    }

    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "same-origin"
        response.headers[.permissionsPolicy] = "camera=(self), microphone=(self)"
        return response
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = literal("Referrer-Policy")
    fileprivate static let permissionsPolicy = literal("Permissions-Policy")

    private static func literal(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header name") }
        return name
    }
}
