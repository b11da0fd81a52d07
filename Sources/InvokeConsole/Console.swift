package import Hummingbird
package import InvokeModel
import NIOCore

/// The web console: pages that show what the agent's API answers. Nothing here reads the store, and nobody sees more than
/// the API tells him.
package struct Console<Context: RequestContext>: HTTPResponder {
    /// Whose credentials a request has; nil without any that hold.
    package typealias Caller = @Sendable (Request, Context) async -> Account?

    private let responder: RouterResponder<Context>

    /// `api` answers for the agent, to requests with the cookie of the browser.
    /// - Throws: when a template can't be parsed.
    package init(api: any HTTPResponder<Context>, caller: @escaping Caller) throws {
        let files = try ConsoleFiles()
        let pages = Pages(files, api: api, caller: caller)
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

    package func respond(to request: Request, context: Context) async throws -> Response {
        try await responder.respond(to: request, context: context)
    }

    /// Styles and scripts never change under one address.
    private static func addStatics(_ files: ConsoleFiles, to router: Router<Context>) {
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
}
