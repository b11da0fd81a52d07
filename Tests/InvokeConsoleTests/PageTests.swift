import HTTPTypes
import Hummingbird
import HummingbirdTesting
import InvokeConsole
import InvokeModel
import NIOCore
import Testing

@Suite struct PageTests {
    /// An API that knows nobody, and answers everything with one status.
    private struct Answering: HTTPResponder {
        let status: HTTPResponse.Status
        let body: JSON

        func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
            Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes())))
        }
    }

    private func page(
        _ path: String,
        api status: HTTPResponse.Status,
        _ body: JSON = .null
    ) async throws -> TestResponse {
        let console = try Console(api: Answering(status: status, body: body), caller: { _, _ in nil })
        return try await Application(responder: console).test(.router) { try await $0.execute(uri: path, method: .get) }
    }

    @Test func whoHasToLogInIsSentBackAfterwards() async throws {
        let answer = try await page("/ui/jobs?state=failed", api: .unauthorized)
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location] == "/ui/login?next=%2Fui%2Fjobs%3Fstate%3Dfailed")
    }

    @Test(arguments: [HTTPResponse.Status.forbidden, .notFound])
    func whatACallerMayNotSeeDoesNotExist(status: HTTPResponse.Status) async throws {
        let answer = try await page("/ui/jobs", api: status)
        #expect(answer.status == .notFound)
        #expect(String(buffer: answer.body).contains("There is no such page"))
    }

    @Test func aRefusalIsToldInItsOwnWordsWithNoMarkupInThem() async throws {
        let answer = try await page("/ui/jobs", api: .serviceUnavailable, ["description": "<b>Come back</b> later."])
        #expect(answer.status == .serviceUnavailable)
        #expect(String(buffer: answer.body).contains("&lt;b&gt;Come back&lt;/b&gt; later."))
    }
}
