import HTTPTypes
import Hummingbird
import InvokeModel

/// Registers pages, and answers for what goes wrong on them.
struct Pages {
    typealias Page = @Sendable (Visit) async throws -> Response

    let router: Router<PageContext>
    private let files: ConsoleFiles
    private let fragments = Fragments()

    init(_ files: ConsoleFiles) {
        self.files = files
        router = Router(context: PageContext.self, options: .autoGenerateHeadEndpoints)
    }

    /// A page; `path` begins with `/ui`.
    func get(_ path: String, _ page: @escaping Page) { on(.get, path, page) }

    /// Where a form of a page is sent, by browsers without scripts.
    func post(_ path: String, _ page: @escaping Page) { on(.post, path, page) }

    private func on(_ method: HTTPRequest.Method, _ path: String, _ page: @escaping Page) {
        router.on(RouterPath(path), method: method) { [files, fragments] request, context -> Response in
            let visit = Visit(
                request,
                by: await context.visitor(),
                parameters: context.parameters,
                files: files,
                fragments: fragments
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
