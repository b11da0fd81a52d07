import HTTPTypes
package import Hummingbird
package import InvokeModel
package import Logging
import NIOCore

/// The web console: pages that show what the agent's API answers. Nothing here reads the store, and nobody sees more than
/// the API tells him.
package struct Console: Sendable {
    /// Answers a request as the agent's API does. A visitor whose account is known is whom GET and HEAD are answered to; all
    /// else goes by the credentials that the request itself has.
    package typealias API = @Sendable (Request) async throws -> Response

    /// Whose credentials a browser has sent, nil without any that hold; and what answers him for the API.
    package typealias Visitor = (account: Account?, api: API)

    private let responder: RouterResponder<PageContext>

    /// - Throws: when a template can't be parsed.
    package init() throws {
        let files = try ConsoleFiles()
        let pages = Pages(files)
        CataloguePages.add(to: pages)
        ServicePages.add(to: pages)
        OperationPages.add(to: pages)
        LoginPages.add(to: pages)
        OperatePages.add(to: pages)
        WebhookPages.add(to: pages)
        AccountPages.add(to: pages)
        MarketPages.add(to: pages)
        JobPages.add(to: pages)
        AssetPages.add(to: pages)
        ProvenancePages.add(to: pages)
        Self.addStatics(files, to: pages.router)
        pages.get("/ui/**") { _ in throw Unanswered(status: 404, body: .null) }
        responder = pages.router.buildResponder()
    }

    /// Answers a request for a page, or for what pages are made of; only pages ask for the visitor.
    package func respond(
        to request: Request,
        _ core: CoreRequestContextStorage,
        _ logger: Logger,
        visitor: @escaping @Sendable () async -> Visitor
    ) async throws -> Response {
        let context = PageContext(source: PageContext.Source(core: core, logger: logger, visitor: visitor))
        var response = try await responder.respond(to: request, context: context)
        response.headers.append(contentsOf: Self.manners)
        return response
    }

    /// Styles and scripts never change under one address.
    private static func addStatics(_ files: ConsoleFiles, to router: Router<PageContext>) {
        for (path, bytes) in files.statics {
            router.get("/ui/static/\(files.stamp)/\(path)") { _, _ -> Response in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: ConsoleFiles.contentType(of: path),
                        .cacheControl: "public, max-age=31536000, immutable",
                    ],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
                )
            }
        }
    }

    /// What every page says to the browser: nothing from elsewhere, nothing inline, no frames around it.
    private static let manners: HTTPFields = [
        .contentSecurityPolicy:
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
            + "media-src 'self' blob:; frame-src blob:; object-src blob:; connect-src 'self'; worker-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
        .referrerPolicy: "same-origin",
        .permissionsPolicy: "camera=(self), microphone=(self)",
    ]
}

/// What belongs to one request for a page.
struct PageContext: RequestContext {
    struct Source: RequestContextSource {
        let core: CoreRequestContextStorage
        let logger: Logger
        let visitor: @Sendable () async -> Console.Visitor
    }

    var coreContext: CoreRequestContextStorage
    let visitor: @Sendable () async -> Console.Visitor

    init(source: Source) {
        coreContext = source.core
        visitor = source.visitor
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
